import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { parseCertificate, parseMasterList } from '@mmf/pki'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { administrator, generationOf, get, importList, judge } from '../support/trust-anchors.fixture.ts'

interface Expectations {
  readonly lists: readonly {
    readonly file: string
    readonly certificates: number
    readonly countries: number
    readonly signingTime: string
    readonly signatureDigestInfoOmitsNull: boolean
  }[]
  readonly deltas: readonly {
    readonly from: string
    readonly to: string
    readonly added: number
    readonly removed: number
  }[]
}

const data = process.env['CONFORMANCE_DATA']
const folder = data === undefined ? undefined : join(data, 'icao')
const missing = folder === undefined || !existsSync(join(folder, 'expected.json'))
const skip = missing && 'real master lists skipped: CONFORMANCE_DATA names no folder with icao/expected.json'
if (skip) console.log(skip)

const listFile = (name: string): Uint8Array => readFileSync(join(folder ?? '', 'masterlists', name))
const expectations = (): Expectations => JSON.parse(readFileSync(join(folder ?? '', 'expected.json'), 'utf8'))

/** The self-signed CSCA that came with a list and issued its signer, as an administrator would look it up elsewhere. */
function embeddedCsca(list: Uint8Array): string | undefined {
  const bag = parseMasterList(list).signedData.certificates.map(der => parseCertificate(der))
  return bag.find(({ isSelfIssued }) => isSelfIssued)?.fingerprint
}

describe('real master lists', { skip }, () => {
  let marty: TestPlatform
  beforeEach(async () => {
    marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  })
  afterEach(() => marty?.stop())

  it('one state’s lists follow each other; a verdict over a link certificate turns when its anchor is distrusted', async () => {
    const [delta] = expectations().deltas
    assert.ok(delta)
    const [older, newer] = [listFile(delta.from), listFile(delta.to)]
    const source = 'DE'
    const unnamed = await importList(marty, older, { source })
    assert.equal(unnamed.json.code, 'master_list_untrusted')
    const first = await importList(marty, older, { source, trustedSigner: embeddedCsca(older) })
    assert.equal(first.status, 201, first.text)

    const second = await importList(marty, newer, { source })

    assert.equal(second.status, 201, second.text)
    assert.deepEqual([second.json.counts.added, second.json.counts.removed], [delta.added, delta.removed])
    const back = await importList(marty, older, { source })
    assert.deepEqual([back.status, back.json.code], [409, 'master_list_older'])

    const { anchors: links } = (await get(marty, `/v1/trust-anchors?kind=link&country=${source}&limit=100`)).json
    const trusted = []
    for (const { anchorId } of links) {
      const { certificate } = (await get(marty, `/v1/trust-anchors/${anchorId}`)).json
      const body = Buffer.from(certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64')
      const verdict = await judge(marty, body)
      if (verdict.json.valid) trusted.push({ body, anchor: verdict.json.anchor.sha256 })
    }
    const [link] = trusted
    assert.ok(link, 'a link certificate of that list is valid')
    const whileTrusted = new Date().toISOString()
    await new Promise(resume => setTimeout(resume, 5))
    const path = `/v1/trust-anchors/${link.anchor}/distrust`
    const reason = 'the state has announced a compromise'
    const distrusted = await marty.request('POST', path, { token: administrator(marty), body: { reason } })
    assert.equal(distrusted.status, 200, distrusted.text)
    const turned = await judge(marty, link.body)
    assert.equal(turned.json.valid, false, turned.text)
    assert.ok(turned.text.includes(reason), turned.text)
    const then = await judge(marty, link.body, { asOf: whileTrusted })
    assert.equal(then.json.valid, true, then.text)
  })

  it('the lists of all sources together: counts and countries as published; what does not conform is reported', async () => {
    const { lists } = expectations()
    for (const [number, { file, certificates, countries, signatureDigestInfoOmitsNull }] of lists.entries()) {
      const list = listFile(file)
      const source = `together-${number}`
      const strict = { source, trustedSigner: embeddedCsca(list) ?? (await cscaInStore(list)) }
      const compatibilities = [
        ...(signatureDigestInfoOmitsNull ? ['rsa-digestinfo-without-null'] : []),
        'signer-at-signing-time',
      ]
      if (signatureDigestInfoOmitsNull) {
        const refused = await importList(marty, list, { ...strict, compatibilities: ['signer-at-signing-time'] })
        assert.equal(refused.json.code, 'master_list_untrusted', `${file} needs its compatibility named`)
      }
      const answer = await importList(marty, list, { ...strict, compatibilities })
      assert.equal(answer.status, 201, answer.text)
      const { counts } = answer.json
      assert.deepEqual([counts.certificates, counts.countries], [certificates, countries], file)
      assert.equal(counts.anchors + counts.links + counts.quarantined, certificates)
    }
    assert.equal(await generationOf(marty), lists.length)
    const { anchors } = (await get(marty, '/v1/trust-anchors/quarantine?limit=100')).json
    for (const { quarantine } of anchors) assert.ok(quarantine.length > 0)
  })

  /** Where a list brings no CSCA along, the one of its signer's key identifier in the store. */
  async function cscaInStore(list: Uint8Array): Promise<string | undefined> {
    const [signer] = parseMasterList(list).signedData.certificates.map(der => parseCertificate(der))
    const wanted = Buffer.from(signer?.authorityKeyIdentifier?.keyIdentifier ?? []).toString('hex')
    const country = signer?.subject.values('2.5.4.6')[0]?.toUpperCase()
    const { anchors } = (await get(marty, `/v1/trust-anchors?country=${country}&status=trusted&limit=100`)).json
    for (const { anchorId } of anchors) {
      const { certificate } = (await get(marty, `/v1/trust-anchors/${anchorId}`)).json
      const parsed = parseCertificate(Buffer.from(certificate.replace(/-----[^-]+-----|\s/g, ''), 'base64'))
      if (Buffer.from(parsed.subjectKeyIdentifier ?? []).toString('hex') === wanted) return anchorId
    }
    return undefined
  }
})
