import { isIP } from 'node:net'
import { MmfError } from '../errors/mmf-error.ts'
import type { AddressPolicy } from './address-policy.ts'

/** One address of a host. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** Turns a host name into addresses. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>

/** What may be fetched. */
export interface TargetRules {
  /** `example.org` exactly, `*.example.org` for what is below it. Absent: every public host. */
  readonly allowHosts: readonly string[] | undefined
  readonly addresses: AddressPolicy
  readonly resolve: Resolve
  readonly refuses?: ((host: string) => string | undefined) | undefined
}

/** A URL that passed, with the addresses that were checked: only these may be connected to. */
export interface Target {
  readonly url: URL
  readonly addresses: readonly [ResolvedAddress, ...ResolvedAddress[]]
}

/** Ports below 1024 belong to other services, which must not be talked to in HTTP. */
const webPorts: ReadonlySet<string> = new Set(['', '80', '443'])
const firstFreePort = 1024

/**
 * Checks scheme, credentials, port and host of a URL, resolves the host and checks every address. One address that is not allowed
 * refuses the host: a name that points inward and outward is an attack, not a mirror. The detail never says what a name resolved to.
 *
 * @throws {MmfError} `egress_refused`, `egress_failed` when the name does not resolve
 */
export async function checkTarget(text: string | URL, rules: TargetRules): Promise<Target> {
  const url = URL.parse(String(text))
  if (url === null) throw refused('it is not a URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused('only http and https are fetched')
  if (url.username !== '' || url.password !== '') throw refused('a URL with credentials is not fetched')
  if (!webPorts.has(url.port) && Number(url.port) < firstFreePort) throw refused('this port is not for the web')
  // The URL parser has turned every notation of an IPv4 address into the dotted one, and removed the brackets only from view.
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!isAllowedHost(host, rules.allowHosts)) throw refused(`the host ${host} is not among those allowed`)
  const reason = rules.refuses?.(host)
  if (reason !== undefined) throw refused(reason)
  const addresses = await addressesOf(host, rules.resolve)
  const [first, ...others] = addresses
  if (first === undefined) throw new MmfError('egress_failed', { detail: `the name ${host} has no address` })
  if (!addresses.every(({ address }) => rules.addresses.allows(address))) {
    throw refused(`the host ${host} is not on the public network`)
  }
  return { url, addresses: [first, ...others] }
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly ResolvedAddress[]> {
  const family = isIP(host)
  if (family === 4 || family === 6) return [{ address: host, family }]
  try {
    return await resolve(host)
  } catch (cause) {
    throw new MmfError('egress_failed', { detail: `the name ${host} cannot be resolved`, cause })
  }
}

function isAllowedHost(host: string, allowHosts: readonly string[] | undefined): boolean {
  return allowHosts === undefined || allowHosts.some(rule => hostMatches(host, rule))
}

/** Whether a rule is for this host: `example.org` exactly, `*.example.org` for what is below it. */
export function hostMatches(host: string, rule: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  const allowed = rule.toLowerCase()
  return allowed.startsWith('*.') ? name.endsWith(allowed.slice(1)) : name === allowed
}

function refused(detail: string): MmfError {
  return new MmfError('egress_refused', { detail })
}
