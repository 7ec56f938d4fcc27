import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IPv4 that is not the public Internet: IANA IPv4 Special-Purpose Address Registry (RFC 6890), multicast, reserved. */
const notPublicV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  // Carrier-grade NAT (RFC 6598).
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  // 6to4 relay (RFC 7526).
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** The only IPv6 that is public is global unicast (RFC 4291 §2.4), … */
const publicV6Ranges: readonly (readonly [string, number])[] = [['2000::', 3]]
/** … without what was taken out of it: protocol assignments with Teredo and ORCHID (RFC 2928), documentation (RFC 3849, RFC 9637). */
const notPublicV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
]

/**
 * Services of a cloud for its own machines: credentials, DNS, time. They stay closed even where private addresses are open. Each line says where
 * it is so.
 */
const metadataV4Ranges: readonly (readonly [string, number])[] = [
  // AWS, Azure, Google Cloud, Oracle, IBM, OpenStack, DigitalOcean, Hetzner and others.
  ['169.254.169.254', 32],
  // AWS: DNS and time; credentials of ECS tasks and EKS pods.
  ['169.254.169.253', 32],
  ['169.254.169.123', 32],
  ['169.254.170.2', 32],
  ['169.254.170.23', 32],
  // Tencent Cloud; Scaleway.
  ['169.254.0.23', 32],
  ['169.254.42.42', 32],
  // Alibaba Cloud: metadata, and its DNS.
  ['100.100.100.200', 32],
  ['100.100.2.136', 32],
  ['100.100.2.138', 32],
  // Oracle Cloud, earlier address.
  ['192.0.0.192', 32],
  // Azure: host agent and DNS; publicly routed.
  ['168.63.129.16', 32],
]
/** Link-local IPv4 as a whole (RFC 3927): container and function services put theirs at further addresses of it, and no server to fetch from is there. */
const linkLocalV4 = ['169.254.0.0', 16] as const
const metadataV6Ranges: readonly (readonly [string, number])[] = [
  // AWS: metadata, DNS, time, pod identity.
  ['fd00:ec2::', 32],
  // Google Cloud.
  ['fd20:ce::254', 128],
  // Scaleway.
  ['fd00:42::42', 128],
]

/** IPv6 prefixes that carry an IPv4 address, and where: mapped and translated (RFC 4291 §2.5.5.2, RFC 6052), 6to4 (RFC 3056). */
const carriers: readonly { readonly prefix: readonly number[]; readonly at: number }[] = [
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff], at: 12 },
  { prefix: [0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0], at: 12 },
  { prefix: [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0], at: 12 },
  { prefix: [0x20, 0x02], at: 2 },
]

/** Whether an address may be connected to. */
export interface AddressPolicy {
  allows(address: string): boolean
}

/**
 * Public addresses only, except where `allowPrivate` opens more: `true` for everything but the metadata services, or a list of subnets
 * (`127.0.0.1/32`, `fd12::/16`). An address inside another (IPv4-mapped, NAT64, 6to4) is judged by the inner one. Metadata services are refused
 * in any case, also where an IPv6 address has one inside: Teredo, or any prefix length of a translator. What cannot be parsed, and what has a
 * zone, is refused.
 *
 * @throws {TypeError} for a subnet that is none
 */
export function createAddressPolicy(allowPrivate: boolean | readonly string[] = false): AddressPolicy {
  const privateV4 = subnets(notPublicV4, 'ipv4')
  const publicV6 = subnets(publicV6Ranges, 'ipv6')
  const reservedV6 = subnets(notPublicV6, 'ipv6')
  const metadataV4 = subnets(metadataV4Ranges, 'ipv4')
  const closedV4 = subnets([...metadataV4Ranges, linkLocalV4], 'ipv4')
  const metadataV6 = subnets(metadataV6Ranges, 'ipv6')
  const opened = openedSubnets(allowPrivate === true ? ['0.0.0.0/0', '::/0'] : allowPrivate || [])

  const allows = (address: string): boolean => {
    if (isIPv4(address)) {
      if (closedV4.check(address, 'ipv4')) return false
      return opened.check(address, 'ipv4') || !privateV4.check(address, 'ipv4')
    }
    if (!isIPv6(address) || address.includes('%')) return false
    const bytes = ipv6Bytes(address)
    const inner = innerIpv4(bytes)
    if (inner !== undefined) return allows(inner)
    if (metadataV6.check(address, 'ipv6')) return false
    if (possiblyInside(bytes).some(hidden => metadataV4.check(hidden, 'ipv4'))) return false
    if (opened.check(address, 'ipv6')) return true
    return publicV6.check(address, 'ipv6') && !reservedV6.check(address, 'ipv6')
  }
  return { allows }
}

function subnets(table: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of table) list.addSubnet(network, prefix, family)
  return list
}

function openedSubnets(texts: readonly string[]): BlockList {
  const list = new BlockList()
  for (const text of texts) {
    const [network = '', bits = ''] = text.split('/')
    const width = isIPv4(network) ? 32 : 128
    const prefix = Number(bits)
    if ((!isIPv4(network) && !isIPv6(network)) || !/^\d{1,3}$/.test(bits) || prefix > width) {
      throw new TypeError(`${JSON.stringify(text)} is not a subnet such as 127.0.0.1/32`)
    }
    list.addSubnet(network, prefix, width === 32 ? 'ipv4' : 'ipv6')
  }
  return list
}

function innerIpv4(bytes: readonly number[]): string | undefined {
  const carrier = carriers.find(({ prefix }) => prefix.every((octet, at) => bytes[at] === octet))
  return carrier === undefined ? undefined : bytes.slice(carrier.at, carrier.at + 4).join('.')
}

/**
 * The IPv4 addresses that an IPv6 one leads to if its network translates: at the places of RFC 6052 §2.2 for each prefix length, where the octet 8 is
 * left out and must be zero (the local prefix of RFC 8215 has any of these); in the last 32 bits also for ISATAP (RFC 5214) and
 * the compatible form (RFC 4291 §2.5.5.1); of Teredo (RFC 4380 §4) the server, and the client with its bits turned over.
 */
function possiblyInside(bytes: readonly number[]): readonly string[] {
  const at = (...places: number[]) => places.map(place => bytes[place] ?? 0)
  const found = [at(12, 13, 14, 15)]
  if (bytes[8] === 0) found.push(at(4, 5, 6, 7), at(5, 6, 7, 9), at(6, 7, 9, 10), at(7, 9, 10, 11), at(9, 10, 11, 12))
  if ([0x20, 0x01, 0, 0].every((octet, place) => bytes[place] === octet)) {
    found.push(
      at(4, 5, 6, 7),
      at(12, 13, 14, 15).map(octet => octet ^ 0xff),
    )
  }
  return found.map(octets => octets.join('.'))
}

/** The 16 bytes of a valid IPv6 address (RFC 4291 §2.2), its last 32 bits possibly in dotted form. */
function ipv6Bytes(address: string): readonly number[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)
  const text = dotted === null ? address : `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}`
  const [head = '', tail] = text.split('::', 2)
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const zeros = new Array<number>(Math.max(0, 16 - front.length - back.length)).fill(0)
  return [...front, ...zeros, ...back]
}

function groups(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff])
}

function hex(high = '0', low = '0'): string {
  return ((Number(high) << 8) | Number(low)).toString(16)
}
