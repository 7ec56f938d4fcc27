import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineRole } from '../../contract/access.ts'
import { answer, reader, writer } from '../../contract/concerns/letters.fixture.ts'
import { publicAccess, requiresAuth } from '../../contract/concerns/requires-auth.ts'
import { toyOf } from '../../contract/concerns/toy.fixture.ts'

const slow = (burst: number) => ({ requests_per_second: 0.01, burst })

describe('the limits of callers', () => {
  it('each principal has its own, and learns from every answer how it stands', async t => {
    const { service, runs } = reader([requiresAuth()], answer)
    const { ask, platform, counts } = await toyOf(t, [service], [], { callers: { '*': slow(2) } })
    const first = await ask('GET /v1/letters', { token: 'ann' })
    assert.equal(first.status, 200)
    assert.equal(first.headers['ratelimit-policy'], '"rate";q=2;w=200')
    assert.equal(first.headers['ratelimit'], '"rate";r=1;t=100')
    assert.equal((await ask('GET /v1/letters', { token: 'ann' })).headers['ratelimit'], '"rate";r=0;t=200')
    const refused = await ask('GET /v1/letters', { token: 'ann' })
    assert.deepEqual([refused.status, refused.json.code], [429, 'quota_exceeded'])
    assert.equal(refused.headers['retry-after'], '100')
    assert.equal(refused.headers['ratelimit'], '"rate";r=0;t=100')
    assert.equal((await ask('GET /v1/letters', { token: 'bob' })).status, 200)
    assert.equal(runs(), 3)
    assert.equal(counts.get('mmf_refused_requests_total{load="verify",method="jwt",reason="rate_limit"}'), 1)
    platform.clock.advance(100_000)
    assert.equal((await ask('GET /v1/letters', { token: 'ann' })).status, 200)
  })

  it('the narrowest one counts, and what it names has nothing to do with the others', async t => {
    const services = [reader([requiresAuth()], answer).service, writer([requiresAuth()]).service]
    const callers = { '*': slow(3), toy: slow(2), 'toy.writer.send_letter': slow(1) }
    const { ask } = await toyOf(t, services, [], { callers })
    const statuses = []
    for (const route of [
      'POST /v1/letters',
      'POST /v1/letters',
      'GET /v1/letters',
      'GET /v1/letters',
      'GET /v1/letters',
    ]) {
      statuses.push(
        (await ask(route, { token: 'ann', ...(route.startsWith('POST') ? { body: { q: 'a' } } : {}) })).status,
      )
    }
    assert.deepEqual(statuses, [200, 429, 200, 200, 429])
  })

  it('a quota ends with its day', async t => {
    const { service } = reader([requiresAuth()], answer)
    const { ask, platform } = await toyOf(t, [service], [], { requests_per_day: { ann: 2 } })
    platform.clock.set('2026-03-01T23:59:00.000Z')
    assert.equal((await ask('GET /v1/letters', { token: 'ann' })).headers['ratelimit'], '"day";r=1;t=60')
    await ask('GET /v1/letters', { token: 'ann' })
    const refused = await ask('GET /v1/letters', { token: 'ann' })
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '60'])
    assert.equal((await ask('GET /v1/letters', { token: 'bob' })).headers['ratelimit'], undefined)
    platform.clock.advance(60_000)
    assert.equal((await ask('GET /v1/letters', { token: 'ann' })).status, 200)
  })

  it('strangers, and callers who may not do this, use up nothing', async t => {
    const clerk = defineRole({ name: 'clerk', description: 'Reads letters' })
    const { service } = reader([requiresAuth({ roles: [clerk] })], answer)
    const { ask } = await toyOf(t, [service], [clerk], { callers: { '*': slow(1) } })
    for (let n = 0; n < 3; n += 1) assert.equal((await ask('GET /v1/letters')).status, 401)
    for (let n = 0; n < 3; n += 1) assert.equal((await ask('GET /v1/letters', { token: 'ann' })).status, 403)
    assert.equal((await ask('GET /v1/letters', { token: 'ann.clerk' })).status, 200)
    assert.equal((await ask('GET /v1/letters', { token: 'ann.clerk' })).status, 429)
  })

  it('without the counter nothing is done, and what is public goes on', async t => {
    const written = writer([requiresAuth()])
    const open = reader([publicAccess()], answer)
    const { ask, platform, counts } = await toyOf(t, [written.service, open.service], [], { callers: { '*': slow(5) } })
    await platform.close()
    const refused = await ask('POST /v1/letters', { token: 'ann', body: { q: 'a' } })
    assert.deepEqual([refused.status, refused.json.code], [503, 'database_unavailable'])
    assert.equal(written.runs(), 0)
    assert.equal((await ask('GET /v1/letters')).status, 200)
    assert.equal(counts.get('mmf_refused_requests_total{load="verify",method="jwt",reason="not_counted"}'), 1)
  })
})
