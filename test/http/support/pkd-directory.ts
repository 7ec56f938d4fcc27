import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TestAnswer, TestPlatform } from './start-platform.ts'

export const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
export const icao = 'dc=data,dc=download,dc=pkd,dc=icao,dc=int'

/** A record as the ICAO PKD writes it, by RFC 2849, without the product's own writer. */
export function ldifRecord(dn: string, attributes: readonly (readonly [string, string | Uint8Array])[]): string {
  const lines = [
    `dn: ${dn}`,
    ...attributes.map(([n, v]) => (typeof v === 'string' ? `${n}: ${v}` : `${n}:: ${base64(v)}`)),
  ]
  return `${lines.map(line => line.match(/^.{1,76}|.{1,75}/g)?.join('\n ')).join('\n')}\n\n`
}

const person = ['inetOrgPerson', 'pkdDownload', 'organizationalPerson', 'top', 'person'].map(
  name => ['objectClass', name] as const,
)

export const dscRecord = (
  der: Uint8Array,
  options: { country?: string; name?: string; extra?: readonly (readonly [string, string])[] } = {},
) => {
  const { country = 'UT', name = sha256(der), extra = [] } = options
  return ldifRecord(`cn=${name},o=dsc,c=${country},${icao}`, [
    ['pkdVersion', '1150'],
    ['userCertificate;binary', der],
    ['sn', '1'],
    ['cn', name],
    ...extra,
    ...person,
  ])
}

export const crlRecord = (der: Uint8Array, country = 'UT') =>
  ldifRecord(`cn=crl,o=crl,c=${country},${icao}`, [
    ['certificateRevocationList;binary', der],
    ['objectClass', 'top'],
    ['objectClass', 'cRLDistributionPoint'],
    ['objectClass', 'pkdDownload'],
  ])

export const masterListRecord = (content: Uint8Array, country = 'UT') =>
  ldifRecord(`cn=ml,o=ml,c=${country},${icao}`, [
    ['pkdVersion', '70'],
    ['sn', '1'],
    ['cn', 'ml'],
    ['objectClass', 'pkdMasterList'],
    ['objectClass', 'pkdDownload'],
    ['pkdMasterListContent', content],
  ])

/** The entries that make up the tree. */
export const tree = [
  ldifRecord(icao, [
    ['objectClass', 'top'],
    ['objectClass', 'domain'],
    ['dc', 'data'],
  ]),
  ldifRecord(`c=UT,${icao}`, [
    ['objectClass', 'top'],
    ['objectClass', 'country'],
    ['c', 'UT'],
  ]),
  ldifRecord(`o=dsc,c=UT,${icao}`, [
    ['objectClass', 'top'],
    ['objectClass', 'organization'],
    ['o', 'dsc'],
  ]),
].join('')

/** Starts an import and waits until it is over. */
export async function imported(marty: TestPlatform, token: string, body: object): Promise<TestAnswer> {
  const started = await marty.request('POST', '/v1/pkd/imports', { token, body })
  assert.equal(started.status, 202, started.text)
  return finished(marty, token, started.json.jobId)
}

export async function finished(marty: TestPlatform, token: string, jobId: string): Promise<TestAnswer> {
  for (;;) {
    marty.relay.wake()
    const answer = await marty.request('GET', `/v1/pkd/imports/${jobId}`, { token })
    assert.equal(answer.status, 200, answer.text)
    if (answer.json.state !== 'running') return answer
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
