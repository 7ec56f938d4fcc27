import { join } from 'node:path'
import { explainStartFailure } from '../../infra/local/explain-start-failure.ts'
import { loadHandlers } from '../../infra/local/load-handlers.ts'
import { openConfiguration } from '../../infra/local/open-configuration.ts'
import { startLocal } from '../../infra/local/start-local.ts'

/** What a start that was refused has logged, and what it says about why. */
interface RefusedStart {
  readonly log: string
  readonly explanation: string
}

/**
 * Starts as `npm start` does, in this process, where a refusal is expected: a process for each costs a second. That the process then ends with 1
 * and prints the explanation is the same for each, and is tested with processes.
 * @throws when it started
 */
export async function refusedInProcess(env: Readonly<Record<string, string>>): Promise<RefusedStart> {
  let log = ''
  const opened = await openConfiguration({ HOST: '127.0.0.1', PORT: '0', ...env })
  const { plugins, configs, base, built, resources, found } = opened
  const modules = await loadHandlers(join(built, 'handlers'), plugins)
  const sink = (line: string) => {
    log += line
  }
  const { problems } = found
  try {
    const local = await startLocal({
      ...{ configs, base, plugins, problems, modules, resources, env, sink },
      exclusive: true,
      reload: true,
    })
    await local.stop(0)
  } catch (error) {
    return { log, explanation: explainStartFailure(error) }
  }
  throw new Error(`it started: ${log}`)
}
