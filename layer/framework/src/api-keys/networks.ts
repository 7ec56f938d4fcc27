import { BlockList, isIP } from 'node:net'

const cidr = /^([0-9A-Fa-f:.]+)\/(\d{1,3})$/

/** Whether the text is a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), such as 192.0.2.0/24. */
export function isNetwork(text: string): boolean {
  const [, address = '', prefix] = cidr.exec(text) ?? []
  const version = isIP(address)
  return version !== 0 && Number(prefix) <= (version === 4 ? 32 : 128)
}

/** Whether an address is in one of these networks. What is no address is in none. */
export function isWithin(networks: readonly string[], address: string): boolean {
  const version = isIP(address)
  if (version === 0) return false
  const list = new BlockList()
  for (const network of networks.filter(isNetwork)) {
    const [, base = '', prefix] = cidr.exec(network) ?? []
    list.addSubnet(base, Number(prefix), familyOf(isIP(base)))
  }
  return list.check(address, familyOf(version))
}

const familyOf = (version: number) => (version === 4 ? 'ipv4' : 'ipv6')
