import { MmfError } from '../errors/mmf-error.ts'
import type { Principal } from './call.ts'

/** Whether `<service>.<operation>` is one of these names; `<service>.*` stands for all operations of a service. */
function coversOperation(patterns: readonly string[], name: string): boolean {
  return patterns.some(pattern => pattern === name || (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))))
}

/**
 * Refuses an operation to which the credential is not limited. Asked where requests come in: what the operation calls on its way is its own affair.
 * @throws {MmfError} `access_denied`
 */
export function refuseBeyondLimits(
  principal: Pick<Principal, 'operations'> | undefined,
  { service, name }: { readonly service: string; readonly name: string },
): void {
  const asked = `${service}.${name}`
  if (principal?.operations === undefined || coversOperation(principal.operations, asked)) return
  throw new MmfError('access_denied', { detail: `the credential is not for ${asked}` })
}
