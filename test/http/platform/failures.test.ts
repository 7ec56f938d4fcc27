import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { MmfError } from '@mmf/framework'
import { faultyPorts } from '../support/faults.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

const { faults, wrap } = faultyPorts()
let marty: TestPlatform
before(async () => {
  // Three seconds for a request, half a second of which is kept back to answer it.
  marty = await startPlatform({
    wrap,
    env: { ...signingWith('ECDSA-SHA256'), MMF__server__request_timeout_seconds: '3' },
  })
})
after(() => marty.stop())
afterEach(() => {
  faults.sign = undefined
  faults.transaction = undefined
  faults.read = undefined
})

const good = { document: Buffer.from('ok').toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
const sign = (headers: Record<string, string> = {}) =>
  marty.request('POST', '/v1/documents/sign', { token: marty.token(), body: good, headers })

const counts = () => ({
  records: storedRows(marty.dataDirectory, 'signature_records').length,
  events: storedRows(marty.dataDirectory, 'outbox').length,
})
const claims = () => storedRows(marty.dataDirectory, 'idempotency')

/** 503, to be tried again, and nothing of what was being made: neither in the answer nor in the database. */
async function leavesNothing(code: string, act: () => Promise<TestAnswer> = sign): Promise<TestAnswer> {
  const before = counts()
  const answer = await act()
  assert.deepEqual([answer.status, answer.json.code], [503, code], answer.text)
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.equal(answer.headers.get('content-type'), 'application/problem+json')
  assert.doesNotMatch(answer.text, /"signature"|signatureId|secret/)
  assert.deepEqual(counts(), before)
  return answer
}

describe('the key service', () => {
  it('is down: 503, no record and no event left behind', async () => {
    faults.sign = async () => {
      throw new MmfError('key_service_unavailable', { detail: 'secret-host:443 refused the connection' })
    }
    const answer = await leavesNothing('key_service_unavailable')
    assert.match(answer.json.errorId, /^[0-9a-f-]{36}$/)
    const logged = marty.lines.find(line => line['errorId'] === answer.json.errorId)
    assert.match(JSON.stringify(logged), /secret-host/, 'the log has the cause')
    await leavesNothing('key_service_unavailable', () => sign({ 'idempotency-key': 'down' }))
    assert.deepEqual(claims(), [], 'the key is free again')
    faults.sign = undefined
    assert.equal((await sign({ 'idempotency-key': 'down' })).status, 201)
  })

  it('hangs until the time is over: 503, and nothing comes later', async () => {
    let aborted = false
    faults.sign = ({ signal }) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          aborted = true
          reject(signal.reason)
        })
      })
    await leavesNothing('deadline_exceeded')
    assert.ok(aborted, 'the signal reached the key service')
  })

  it('answers after the time is over: the signature is thrown away', async () => {
    const late = Promise.withResolvers<void>()
    faults.sign = async (request, real) => {
      await late.promise
      return real({ ...request, signal: new AbortController().signal })
    }
    const before = counts()
    await leavesNothing('deadline_exceeded', () => sign({ 'idempotency-key': 'late' }))
    late.resolve()
    await until(() => claims().every(claim => claim.state !== 'in-flight'), 'the claim is released')
    assert.deepEqual(counts(), before)
    faults.sign = undefined
    assert.equal((await sign({ 'idempotency-key': 'late' })).status, 201)
  })

  it('refuses the key: 503, and the log says why', async () => {
    faults.sign = async () => {
      throw new MmfError('key_service_refused', { detail: 'secret-arn is disabled' })
    }
    const before = counts()
    const answer = await sign()
    assert.deepEqual([answer.status, answer.json.code], [503, 'key_service_refused'])
    assert.equal(answer.headers.get('retry-after'), null, 'it does not get better by itself')
    assert.doesNotMatch(answer.text, /secret/)
    assert.deepEqual(counts(), before)
  })
})

describe('the database', () => {
  it('fails at the commit: 503, and no signature leaves', async () => {
    let asked = 0
    faults.transaction = async () => {
      asked += 1
      throw new MmfError('database_unavailable', { detail: '/secret/data.sqlite: disk I/O error' })
    }
    await leavesNothing('database_unavailable')
    assert.equal(asked, 1, 'the signature had been made by then')
  })

  it('fails at the commit with an Idempotency-Key: the key is free again', async () => {
    faults.transaction = async () => {
      throw new MmfError('database_unavailable')
    }
    await leavesNothing('database_unavailable', () => sign({ 'idempotency-key': 'commit' }))
    faults.transaction = undefined
    const again = await sign({ 'idempotency-key': 'commit' })
    assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [201, null])
  })

  it('throws an unforeseen error: 500, and no signature leaves', async () => {
    const before = counts()
    faults.transaction = async () => {
      throw new RangeError('secret')
    }
    const answer = await sign()
    assert.deepEqual([answer.status, answer.json.code], [500, 'internal_error'])
    assert.doesNotMatch(answer.text, /"signature"|secret/)
    assert.deepEqual(counts(), before)
  })

  it('cannot be read: 503 for records, while known keys go on verifying', async () => {
    const { json } = await sign()
    const verify = (body: object) => marty.request('POST', '/v1/documents/verify', { token: marty.token(), body })
    const { document } = good
    assert.deepEqual((await verify({ document, signature: json })).json, { valid: true })
    faults.read = async () => {
      throw new MmfError('database_unavailable', { detail: 'secret' })
    }
    await leavesNothing('database_unavailable', () => verify({ document, signatureId: json.signatureId }))
    await leavesNothing('database_unavailable', () =>
      marty.request('GET', `/v1/signatures/${json.signatureId}`, { token: marty.token() }),
    )
    assert.deepEqual((await verify({ document, signature: json })).json, { valid: true })
    const unknown = { ...json, keyVersion: 9 }
    await leavesNothing('database_unavailable', () => verify({ document, signature: unknown }))
  })

  it('is slow to commit: the signature does not leave before it has', async () => {
    const gate = Promise.withResolvers<void>()
    const reached = Promise.withResolvers<void>()
    faults.transaction = async real => {
      reached.resolve()
      await gate.promise
      await real()
    }
    let answered = false
    const answer = sign().finally(() => {
      answered = true
    })
    await reached.promise
    await new Promise(resolve => setTimeout(resolve, 50))
    assert.equal(answered, false)
    gate.resolve()
    assert.equal((await answer).status, 201)
  })
})

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (condition()) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  assert.fail(`never: ${what}`)
}
