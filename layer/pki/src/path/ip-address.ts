/**
 * The octets of an IP address in text: dotted decimal (RFC 3986 §3.2.2: no leading zeros) or IPv6 (RFC 4291 §2.2, without zone).
 * Undefined for anything else.
 */
export function parseIpAddress(text: string): Uint8Array | undefined {
  if (text.length > 45) return undefined
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

const ipv4 = /^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/
const hexGroup = /^[0-9a-f]{1,4}$/i

function parseIpv4(text: string): Uint8Array | undefined {
  if (!ipv4.test(text)) return undefined
  const octets = text.split('.').map(Number)
  return octets.some(octet => octet > 255) ? undefined : Uint8Array.from(octets)
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = parseGroups(halves[0] as string, halves.length === 1)
  const tail = halves.length === 1 ? [] : parseGroups(halves[1] as string, true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 16 - head.length - tail.length
  // "::" stands for at least one group; without it, every group is written.
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail])
}

function parseGroups(text: string, last: boolean): number[] | undefined {
  if (text === '') return []
  const octets: number[] = []
  const groups = text.split(':')
  for (const [index, group] of groups.entries()) {
    if (last && index === groups.length - 1 && group.includes('.')) {
      const embedded = parseIpv4(group)
      if (embedded === undefined) return undefined
      octets.push(...embedded)
    } else {
      if (!hexGroup.test(group)) return undefined
      const value = Number.parseInt(group, 16)
      octets.push(value >> 8, value & 0xff)
    }
  }
  return octets
}

/** Text as RFC 5952 §4 wants it, or dotted decimal for four octets. */
export function formatIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.')
  const groups: number[] = []
  for (let index = 0; index < 16; index += 2) {
    groups.push(((octets[index] as number) << 8) | (octets[index + 1] as number))
  }
  const { start, length } = longestZeroRun(groups)
  const text = groups.map(group => group.toString(16))
  if (length < 2) return text.join(':')
  return `${text.slice(0, start).join(':')}::${text.slice(start + length).join(':')}`
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = -1
  for (const [index, group] of [...groups, 1].entries()) {
    if (group === 0 && start < 0) start = index
    if (group !== 0 && start >= 0) {
      if (index - start > best.length) best = { start, length: index - start }
      start = -1
    }
  }
  return best
}
