import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createAddressPolicy } from './address-policy.ts'

const publicAddresses = [
  '1.1.1.1',
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.0.1.1',
  '223.255.255.255',
  '2606:4700::1111',
  '2a00:1450:4001:81b::200e',
  '2001:4860:4860::8888',
]

const notPublic = [
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.168.1.1',
  '198.19.0.1',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '::',
  '::1',
  '::127.0.0.1',
  'fe80::1',
  'fe80::1%eth0',
  '2606:4700::1111%1',
  'fc00::1',
  'fd00:ec2::254',
  'ff02::1',
  'fec0::1',
  '100::1',
  '2001:db8::1',
  '2001:0:53aa:64c:0:fbff:5abd:6c1b',
  '3fff::1',
  '5f00::1',
]

/** Ways to write an IPv4 address in IPv6: mapped, translated, NAT64, 6to4. */
const carried = (ipv4: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16)
  const pair = `${hex(a, b)}:${hex(c, d)}`
  return [
    `::ffff:${ipv4}`,
    `::ffff:${pair}`,
    `0:0:0:0:0:FFFF:${pair}`,
    `::ffff:0:${pair}`,
    `64:ff9b::${ipv4}`,
    `2002:${pair}::1`,
  ]
}

/** Further ones that only lead there if the network translates: RFC 6052 §2.2 by prefix length, RFC 8215, Teredo, ISATAP, compatible. */
const translated = (ipv4: string) => {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split('.').map(Number)
  const hex = (high: number, low: number) => ((high << 8) | low).toString(16)
  const pair = `${hex(a, b)}:${hex(c, d)}`
  return [
    `2a00:1::${pair}`,
    `2a00:1:${pair}::`,
    `2a00:1:${hex(1, a)}:${hex(b, c)}:${hex(0, d)}::`,
    `2a00:1:2:${hex(a, b)}:${hex(0, c)}:${hex(d, 0)}::`,
    `2a00:1:2:${hex(3, a)}:${hex(0, b)}:${hex(c, d)}::`,
    `2a00:1:2:3:${hex(0, a)}:${hex(b, c)}:${hex(d, 0)}:0`,
    `64:ff9b:1::${pair}`,
    `64:ff9b:1:${hex(a, b)}:${hex(0, c)}:${hex(d, 0)}::`,
    `2001:0:${pair}:0:fbff:5abd:6c1b`,
    `2001:0:53aa:64c:0:fbff:${hex(a ^ 255, b ^ 255)}:${hex(c ^ 255, d ^ 255)}`,
    `fe80::5efe:${pair}`,
    `::${pair}`,
  ]
}

/** What clouds answer their own machines on. Nothing here sends a packet: the policy decides on addresses. */
const inClouds = [
  '169.254.169.254',
  '169.254.169.253',
  '169.254.169.123',
  '169.254.170.2',
  '169.254.170.23',
  '169.254.0.23',
  '169.254.42.42',
  '100.100.100.200',
  '100.100.2.136',
  '192.0.0.192',
  '168.63.129.16',
]
const metadata = [
  ...inClouds.flatMap(address => [address, ...carried(address), ...translated(address)]),
  'fd00:ec2::254',
  'fd00:0ec2:0:0::253',
  'fd00:ec2::23',
  'fd20:ce::254',
  'fd00:42::42',
]

describe('address policy', () => {
  const { allows } = createAddressPolicy()

  it('allows the public network', () => {
    for (const address of [...publicAddresses, ...carried('8.8.8.8')]) assert(allows(address), address)
  })

  it('refuses everything else', () => {
    for (const address of notPublic) assert(!allows(address), address)
  })

  it('judges an address inside another by the inner one', () => {
    for (const inner of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '100.64.0.1', '224.0.0.1']) {
      for (const address of carried(inner)) assert(!allows(address), address)
    }
    assert(!allows('64:ff9b:1::808:808'), 'the local NAT64 prefix (RFC 8215) is not public')
  })

  it('refuses what is no address', () => {
    for (const text of [
      '',
      'localhost',
      '127.1',
      '0x7f.0.0.1',
      '1.1.1.1.1',
      '1.1.1.256',
      ':::',
      '[::1]',
      '1.1.1.1/8',
      ' 1.1.1.1',
    ]) {
      assert(!allows(text), text)
    }
  })

  it('opens what is configured and nothing more', () => {
    const some = createAddressPolicy(['127.0.0.1/32', 'fd12::/16'])
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', 'fd12::1', '8.8.8.8']) assert(some.allows(address), address)
    for (const address of ['127.0.0.2', '10.0.0.1', 'fd13::1', '::1']) assert(!some.allows(address), address)
  })

  it('keeps the metadata services closed in any case', () => {
    const all = createAddressPolicy(true)
    for (const address of ['127.0.0.1', '10.0.0.1', '::1', 'fe80::1']) assert(all.allows(address), address)
    for (const address of metadata) assert(!all.allows(address), address)
    const listed = createAddressPolicy(['169.254.0.0/16', '100.64.0.0/10', '192.0.0.0/24', '168.63.129.0/24', '::/0'])
    for (const address of metadata) assert(!listed.allows(address), address)
    for (const address of ['100.100.100.201', '192.0.0.191', '168.63.129.17', '64:ff9b:1::a00:1', 'fd00:ec3::254']) {
      assert(all.allows(address), address)
    }
  })

  it('refuses a configuration that is no list of subnets', () => {
    for (const text of ['127.0.0.1', '127.0.0.1/33', '::1/129', 'x/8', '10.0.0.0/', '/8', '10.0.0.0/-1']) {
      assert.throws(() => createAddressPolicy([text]), TypeError, text)
    }
  })
})
