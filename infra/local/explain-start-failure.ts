import { isMmfError } from '@mmf/framework'
import { redactText } from '@mmf/framework/embedded'

/** What the operator can do about an address that cannot be listened on. */
const listenHints: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; set PORT to a free one',
  EACCES: 'not allowed to listen there; set PORT to 1024 or above',
  EADDRNOTAVAIL: 'this machine has no such address; set HOST to one it has',
  ENOTFOUND: 'there is no such host; set HOST to an address of this machine',
}

/** Why the start failed: one line where the operator can act on it, else with its stack. Secrets are redacted as in a log line. */
export function explainStartFailure(error: unknown): string {
  return redactText(explanation(error))
}

function explanation(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(explanation).join('\n')
  if (isMmfError(error)) return `${error.code}: ${error.message}`
  if (!(error instanceof Error)) return String(error)
  const { code = '', syscall = '' } = error as NodeJS.ErrnoException
  // A file can be refused with the same code.
  const hint = ['listen', 'bind', 'getaddrinfo'].includes(syscall) ? listenHints[code] : undefined
  if (hint !== undefined) return `${error.message}: ${hint}`
  // What the system refused (a file, a folder, a disk) names itself; what is left is a fault of ours.
  return syscall !== ''
    ? `${error.message}: see who owns it, and whether its disk has room`
    : (error.stack ?? error.message)
}
