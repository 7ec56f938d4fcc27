import { isMmfError } from '@mmf/framework'
import { Failure, type FieldFinding } from './failure.ts'

/** Names that the caller got wrong. */
const wrongCalls: ReadonlySet<string> = new Set(['plugin_not_found', 'environment_unknown'])

/** An error of the platform's own code as the end of a command. Anything else comes back as it is, to be thrown. */
export function failureOf(error: unknown): unknown {
  if (!isMmfError(error)) return error
  const { code, entry, detail = entry.title, errors: findings } = error
  const errors: readonly FieldFinding[] = findings.map(({ path, message }) => ({ path, message }))
  const said = errors.length === 0 ? detail : errors.map(({ message }) => message).join('; ')
  return new Failure({
    code,
    title: entry.title,
    detail: said,
    errors,
    exit: wrongCalls.has(code) ? 'usage' : 'failed',
    cause: error,
  })
}

/** A call that names nothing known is wrong; what the platform refuses ends the command with its code. */
export async function answering<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw failureOf(error)
  }
}
