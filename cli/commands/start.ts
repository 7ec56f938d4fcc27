import { serve } from '../../infra/local/main.ts'
import { buildForStart } from '../../tools/build.ts'
import type { CommandResult } from '../result.ts'

/** `mmf-cli start`: comes back when the platform serves; a signal ends it. */
export async function startHere(): Promise<CommandResult> {
  if (!(await buildForStart())) return { exitCode: 1 }
  await serve([])
  return { exitCode: 0 }
}
