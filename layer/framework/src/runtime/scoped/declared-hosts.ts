import type { Egress } from '../../egress/egress.ts'
import { hostMatches } from '../../egress/target.ts'

/**
 * The egress of a plugin whose manifest lists hosts: no other one is asked, not by a redirect either. `*` stands for every host that the egress of the
 * platform lets through, for addresses that documents name.
 */
export function declaredHosts(egress: Egress, hosts: readonly string[], plugin: string): Egress {
  if (hosts.includes('*')) return egress
  const refuses = (host: string): string | undefined =>
    hosts.some(rule => hostMatches(host, rule))
      ? undefined
      : `the host ${host} is not in permissions.egress of the manifest of ${plugin}`
  return {
    request: (url, request = {}) =>
      egress.request(url, { ...request, refuses: host => refuses(host) ?? request.refuses?.(host) }),
  }
}
