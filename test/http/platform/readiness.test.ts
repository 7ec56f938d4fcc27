import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { MmfError } from '@mmf/framework'
import { faultyPorts } from '../support/faults.ts'
import { crlRecord, imported } from '../support/pkd-directory.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { addAnchor, csca, importList, listSigner, masterList, sha256 } from '../support/trust-anchors.fixture.ts'

const { faults, wrap } = faultyPorts()
const signed: string[] = []
let marty: TestPlatform
before(async () => {
  const sign: typeof faults.sign = (request, real) => {
    signed.push('message' in request ? Buffer.from(request.message).toString('latin1') : 'digest')
    return real(request)
  }
  faults.sign = sign
  marty = await startPlatform({ wrap, env: signingWith('ECDSA-SHA256', 'ECDSA-SHA384', 'RSA-SHA256', 'RSA-SHA512') })
})
after(() => marty.stop())

const ready = () => marty.request('GET', '/ready')
const signer = 'marty.document_signer'

it('signs a canary with each physical key, and writes and reads the store', async () => {
  signed.length = 0
  const { status, json, text } = await ready()
  assert.equal(status, 200, text)
  assert.equal(json.status, 'ready')
  const healthy = { status: 'healthy' }
  assert.deepEqual(json.checks, { database: healthy, keys: healthy, store: healthy })
  assert.deepEqual(json.services, {
    'marty.audit': healthy,
    [signer]: healthy,
    'marty.pkd': healthy,
    'marty.trust_anchor': healthy,
  })
  // P-256, P-384 and RSA 3072, which two of the algorithms share, and the key of the audit log.
  assert.equal(signed.length, 4)
  assert.equal(new Set(signed).size, 4, 'no message is signed twice')
  for (const message of signed) assert.match(message, /^\xff{64}MMF readiness canary: no document\0.{32}$/s)
  const listed = await marty.request('GET', '/v1/signatures', { token: marty.token({ roles: ['auditor'] }) })
  assert.deepEqual(listed.json.signatures, [], 'a canary is no document')
})

describe('a platform that cannot do its work is not ready, and says no more than a code', () => {
  const secret = new MmfError('key_service_unavailable', { detail: 'arn:aws:kms:secret' })
  const broken = [
    {
      what: 'a key does not sign',
      break: () => {
        faults.sign = () => Promise.reject(secret)
      },
      where: ['services', signer],
      shows: { status: 'unhealthy', reason: 'signing: key_service_unavailable' },
    },
    {
      what: 'a signature does not verify',
      break: () => {
        faults.sign = async (request, real) => real({ ...request, message: Buffer.from('another') })
      },
      where: ['services', signer],
      shows: { status: 'unhealthy', reason: 'signing: key_service_refused' },
    },
    {
      what: 'the store loses what is written',
      break: () => {
        faults.write = async () => {}
      },
      where: ['checks', 'store'],
      shows: { status: 'unhealthy', reason: 'store: database_unavailable' },
    },
    {
      what: 'the store refuses to write',
      break: () => {
        faults.write = () => Promise.reject(new MmfError('database_unavailable', { detail: '/var/secret' }))
      },
      where: ['checks', 'store'],
      shows: { status: 'unhealthy', reason: 'store: database_unavailable' },
    },
    {
      what: 'ages cannot be read',
      break: () => {
        faults.read = () => Promise.reject(new MmfError('database_unavailable', { detail: '/var/secret' }))
      },
      where: ['services', 'marty.trust_anchor'],
      shows: { status: 'unhealthy', reason: 'ages: database_unavailable' },
    },
  ] as const
  for (const { what, where, shows, ...fault } of broken) {
    it(what, async () => {
      const { sign } = faults
      fault.break()
      try {
        const { status, json, text } = await ready()
        assert.deepEqual([status, json.status], [503, 'not_ready'], text)
        assert.deepEqual(json[where[0]][where[1]], shows)
        assert.doesNotMatch(text, /secret/)
      } finally {
        Object.assign(faults, { sign, write: undefined, read: undefined })
      }
      assert.equal((await ready()).status, 200)
    })
  }
})

describe('ages', () => {
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
  const authority = csca('UT')
  const agesOf = async () => {
    const { status, json } = await ready()
    const { 'marty.trust_anchor': trust, 'marty.pkd': pkd } = json.services
    return { status, ready: json.status, trust, pkd, text: JSON.stringify(json) }
  }
  const inDays = ({ seconds }: { seconds: number }) => Math.floor(seconds / 86_400)

  it('are those of the oldest list that counts; too old is degraded', async () => {
    assert.equal((await addAnchor(marty, authority.der)).status, 201)
    const token = marty.token({ subject: 'admin-1', roles: ['pkd_administrator'], permissions: [] })
    const certificates = [authority.der]
    const list = (days: number) =>
      masterList({ certificates, signer: listSigner(authority, 'UT'), signingTime: daysAgo(days) })
    const sent = await importList(marty, list(150), { trustedSigner: sha256(authority.der) })
    assert.equal(sent.status, 201, sent.text)
    const crl = (thisUpdate: number, nextUpdate: number | null) =>
      crlRecord(
        authority.crl({
          entries: [],
          thisUpdate: daysAgo(thisUpdate),
          nextUpdate: nextUpdate === null ? null : daysAgo(nextUpdate),
        }),
      )
    await imported(marty, token, { ldif: crl(40, 10) })

    const old = await agesOf()
    assert.deepEqual([old.status, old.ready], [200, 'ready'])
    assert.deepEqual([old.trust.status, old.trust.reason], ['degraded', 'too old: trust_lists'])
    const { trust_lists: lists } = old.trust.ages
    assert.deepEqual([inDays(lists), lists.maxSeconds, lists.tooOld], [150, 8_640_000, true])
    assert.deepEqual([old.pkd.status, old.pkd.reason], ['degraded', 'too old: crls'], 'it is past its nextUpdate')
    assert.deepEqual([inDays(old.pkd.ages.crls), old.pkd.ages.crls.tooOld], [40, true])
    assert.doesNotMatch(old.text, /UT|CSCA|State/, 'strangers learn of no issuer')

    const renewed = await importList(marty, list(3))
    assert.equal(renewed.status, 201, renewed.text)
    await imported(marty, token, { ldif: crl(5, -25) })
    const fresh = await agesOf()
    assert.deepEqual([fresh.trust.status, inDays(fresh.trust.ages.trust_lists)], ['healthy', 3])
    assert.deepEqual([fresh.pkd.status, inDays(fresh.pkd.ages.crls)], ['healthy', 5])
  })

  it('that the configuration does not allow make it 503 where the operator wants that', async () => {
    const { dataDirectory } = marty
    const env = { ...signingWith('ECDSA-SHA256'), MMF__plugins__marty__trust_list_max_age: '86400' }
    for (const [degraded, status] of [
      ['true', 200],
      ['false', 503],
    ] as const) {
      const other = await startPlatform({
        dataDirectory,
        env: { ...env, MMF__plugins__degraded_is_ready: degraded },
      })
      try {
        const answer = await other.request('GET', '/ready')
        assert.equal(answer.status, status, answer.text)
        assert.equal(answer.json.services['marty.trust_anchor'].status, 'degraded')
      } finally {
        await other.stop()
      }
    }
  })
})
