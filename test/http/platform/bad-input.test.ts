import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { faultyPorts } from '../support/faults.ts'
import { signingWith, startPlatform, type TestAnswer, type TestPlatform } from '../support/start-platform.ts'
import { storedRows } from '../support/stored-rows.ts'

const { faults, wrap } = faultyPorts()
let marty: TestPlatform
before(async () => {
  marty = await startPlatform({ wrap, env: signingWith('ECDSA-SHA256', 'ML-DSA-44') })
})
after(() => marty.stop())

const good = { document: Buffer.from('ok').toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
const digest = (bytes: number) => Buffer.alloc(bytes, 7).toString('base64')

function sign(body: unknown, headers: Record<string, string> = {}) {
  return marty.request('POST', '/v1/documents/sign', { token: marty.token(), body, headers })
}

/** A problem with this status and code, in the form of RFC 9457, that tells nothing about the machine. */
function assertProblem({ status, headers, text, json }: TestAnswer, wanted: readonly [number, string], about: string) {
  assert.deepEqual([status, json?.code], wanted, `${about.slice(0, 80)}: ${text.slice(0, 300)}`)
  assert.equal(headers.get('content-type'), 'application/problem+json')
  assert.equal(json.status, status)
  assert.equal(json.type, `urn:mmf:error:${json.code}`)
  assert.equal(typeof json.title, 'string')
  assert.equal(json.correlationId, headers.get('x-correlation-id'))
  assert.doesNotMatch(
    text,
    /Invalid (input|option|string|number)|Too (small|big)|Unrecognized key/,
    'words of a library',
  )
  assert.doesNotMatch(text, /node_modules|\.ts\b|\.mjs\b|file:|\bat \w+ \(|\/work|\/tmp|\/home|ZodError|sqlite/i, about)
}

describe('400: what is not JSON', () => {
  const nested = (levels: number) => `{"document":${'['.repeat(levels)}${']'.repeat(levels)}}`
  const bodies = [
    '',
    ' ',
    '{',
    '{"document":"AAAA",}',
    "{'document':'AAAA'}",
    '{"document":"AAAA"} x',
    'undefined',
    nested(40),
    nested(200_000),
  ]
  for (const body of bodies) {
    it(`${body.slice(0, 24) || 'an empty body'} (${body.length} characters)`, async () => {
      assertProblem(await sign(body), [400, 'malformed_json'], body)
    })
  }

  const twice = [
    ['{"digest":"A","digest":"B","signingAlgorithm":"RSA-SHA256"}', 'digest', 'duplicate'],
    ['{"signature":{"keyId":"a","keyId":"b"}}', 'signature.keyId', 'duplicate'],
    ['{"signature":{"keyId":"a","key\\u0049d":"b"}}', 'signature.keyId', 'duplicate'],
  ] as const
  for (const [body, path, code] of twice) {
    it(`a member that may be read in two ways: ${body}`, async () => {
      const answer = await sign(body)
      assertProblem(answer, [400, 'malformed_json'], body)
      assert.deepEqual([answer.json.errors[0].path, answer.json.errors[0].code], [path, code])
    })
  }

  it('a member called __proto__ is unknown everywhere, however it is written', async () => {
    const answer = await sign('{"list":[0,{"constructor":1,"\\u005f_proto__":2}]}')
    assertProblem(answer, [422, 'validation_failed'], '__proto__')
    assert.deepEqual(answer.json.errors, [
      { path: 'list.1.__proto__', message: 'unknown field', code: 'unknown_field' },
    ])
  })

  it('a body that is not UTF-8', async () => {
    const text = JSON.stringify(good).replace('ECDSA', 'EC\u0001SA')
    const bytes = Buffer.from(text).map(byte => (byte === 1 ? 0xff : byte))
    assertProblem(await sign(bytes), [400, 'malformed_json'], 'not UTF-8')
  })

  it('a path that cannot be decoded', async () => {
    assertProblem(await marty.request('GET', '/v1/keys/%zz/versions/1'), [400, 'malformed_request'], '%zz')
    assertProblem(await marty.request('GET', '/v1/keys/%ff/versions/1'), [400, 'malformed_request'], '%ff')
  })
})

describe('415: what is not called JSON', () => {
  for (const type of ['', 'text/plain', 'application/xml', 'application/jsonx', 'multipart/form-data; boundary=x']) {
    it(type || 'no content type', async () => {
      // An empty value stands for none: fetch would fill in a type of its own.
      const answer = await sign(JSON.stringify(good), { 'content-type': type })
      assertProblem(answer, [415, 'unsupported_media_type'], type)
      assert.match(answer.json.detail, /allowed: application\/json/)
    })
  }

  it('a body with a content coding', async () => {
    const packed = gzipSync(JSON.stringify(good))
    const answer = await sign(packed, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    assertProblem(answer, [415, 'unsupported_media_type'], 'gzip')
    assert.equal(answer.headers.get('accept-encoding'), 'identity')
    assert.equal((await sign(JSON.stringify(good), { 'content-encoding': 'identity' })).status, 201)
  })

  for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.marty+json']) {
    it(`but ${type} is`, async () => {
      const answer = await sign(JSON.stringify(good), { 'content-type': type })
      assert.equal(answer.status, 201, answer.text)
    })
  }
})

describe('422: what does not match the schema', () => {
  const cases: readonly (readonly [what: string, body: unknown, path: string])[] = [
    ['an unknown field', { ...good, documents: 'x' }, 'documents'],
    [
      'a field of the prototype',
      `{"document":"AAAA","signingAlgorithm":"ECDSA-SHA256","constructor":1}`,
      'constructor',
    ],
    ['__proto__', `{"document":"AAAA","signingAlgorithm":"ECDSA-SHA256","__proto__":{"a":1}}`, '__proto__'],
    ['both document and digest', { ...good, digest: digest(32) }, 'document'],
    ['neither document nor digest', { signingAlgorithm: 'ECDSA-SHA256' }, 'document'],
    ['no algorithm', { document: 'AAAA' }, 'signingAlgorithm'],
    ['a number as document', { ...good, document: 1 }, 'document'],
    ['null as document', { ...good, document: null }, 'document'],
    ['a list as body', [good], ''],
    ['a text as body', '"document"', ''],
    ['null as body', 'null', ''],
  ]
  for (const [what, body, path] of cases) {
    it(what, async () => {
      const answer = await sign(body)
      assertProblem(answer, [422, 'validation_failed'], what)
      assert.ok(
        answer.json.errors.some((error: { path: string }) => error.path === path),
        answer.text,
      )
    })
  }

  const notCanonical = {
    'white space': 'AA AA',
    'a line end': 'AAAA\n',
    'the URL alphabet': '_-__',
    'no padding': 'AAA',
    'padding too long': 'AAAA====',
    'padding inside': 'AA==AA==',
    'unused bits set': 'AAB=',
    'one character': 'A',
    'no base64 at all': '%%%%',
    'a look-alike': 'ＡＡＡＡ',
  }
  for (const [what, text] of Object.entries(notCanonical)) {
    it(`base64 with ${what}`, async () => {
      for (const body of [
        { ...good, document: text },
        { signingAlgorithm: good.signingAlgorithm, digest: text },
      ]) {
        const answer = await sign(body)
        assertProblem(answer, [422, 'validation_failed'], what)
        assert.match(answer.json.detail, /canonical base64/)
      }
      const signature = { signature: text, algorithm: 'ECDSA-SHA256', keyId: 'k', keyVersion: 1 }
      const body = { document: 'AAAA', signature }
      const verify = await marty.request('POST', '/v1/documents/verify', { token: marty.token(), body })
      assertProblem(verify, [422, 'validation_failed'], what)
    })
  }

  for (const bytes of [0, 1, 20, 31, 33, 48, 64, 65, 200]) {
    it(`a digest of ${bytes} bytes for SHA-256`, async () => {
      const answer = await sign({ digest: digest(bytes), signingAlgorithm: 'ECDSA-SHA256' })
      assertProblem(answer, [422, 'digest_length_invalid'], String(bytes))
      assert.match(answer.json.detail, /needs 32/)
    })
  }

  it('an algorithm that is not allowed here: those that are, are named', async () => {
    for (const signingAlgorithm of ['RSA-SHA256', 'RSA-SHA1', 'ecdsa-sha256', 'none', '', '<script>']) {
      const answer = await sign({ ...good, signingAlgorithm })
      assertProblem(answer, [422, 'algorithm_not_allowed'], signingAlgorithm)
      assert.deepEqual(answer.json.allowed, ['ECDSA-SHA256', 'ML-DSA-44'])
      assert.match(answer.json.detail, /allowed: ECDSA-SHA256, ML-DSA-44/)
    }
  })

  it('a digest for ML-DSA, in signing and in verifying', async () => {
    const answer = await sign({ digest: digest(32), signingAlgorithm: 'ML-DSA-44' })
    assertProblem(answer, [422, 'digest_not_supported'], 'sign')
    const { json } = await sign({ ...good, signingAlgorithm: 'ML-DSA-44' })
    const body = { digest: digest(32), signatureId: json.signatureId }
    const verify = await marty.request('POST', '/v1/documents/verify', { token: marty.token(), body })
    assertProblem(verify, [422, 'digest_not_supported'], 'verify')
  })

  it('an Idempotency-Key that is empty, too long, not ASCII, or not wanted here', async () => {
    for (const key of ['', ' ', 'a b', 'x'.repeat(256), 'schlüssel']) {
      assertProblem(await sign(good, { 'idempotency-key': key }), [422, 'idempotency_key_invalid'], `"${key}"`)
    }
    const headers = { 'idempotency-key': 'k' }
    const verify = await marty.request('POST', '/v1/documents/verify', { token: marty.token(), body: good, headers })
    assertProblem(verify, [422, 'idempotency_key_invalid'], 'verify takes none')
  })

  it('tells at most 20 findings and never the value received', async () => {
    const body = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`secret-value-${n}`, 'hunter2']))
    const answer = await sign(body)
    assertProblem(answer, [422, 'validation_failed'], 'many')
    assert.ok(answer.json.errors.length <= 20)
    assert.doesNotMatch(answer.text, /hunter2/)
    assert.ok(answer.text.length < 10_000)
  })
})

describe('422 in verifying', () => {
  const signature = { signature: 'AAAA', algorithm: 'ECDSA-SHA256', keyId: 'k', keyVersion: 1 }
  const signatureId = '0193c1a0-0000-7000-8000-000000000000'
  const cases: Record<string, object> = {
    'neither signature nor signatureId': { document: 'AAAA' },
    'both signature and signatureId': { document: 'AAAA', signature, signatureId },
    'an unknown algorithm': { document: 'AAAA', signature: { ...signature, algorithm: 'RSA-MD5' } },
    'a version of 0': { document: 'AAAA', signature: { ...signature, keyVersion: 0 } },
    'an unknown field inside': { document: 'AAAA', signature: { ...signature, valid: true } },
    'an empty signature': { document: 'AAAA', signature: { ...signature, signature: '' } },
    'a signatureId that is none': { document: 'AAAA', signatureId: '../../etc/passwd' },
  }
  for (const [what, body] of Object.entries(cases)) {
    it(what, async () => {
      const answer = await marty.request('POST', '/v1/documents/verify', { token: marty.token(), body })
      assertProblem(answer, [422, 'validation_failed'], what)
    })
  }
})

describe('413: what is too large', () => {
  it('for the function, for the gateway, and far beyond', async () => {
    for (const [bytes, about] of [
      [4_700_001, 'the function'],
      [10 * 1024 * 1024 + 1, 'the gateway'],
      [20_000_000, 'far beyond'],
    ] as const) {
      const answer = await sign(Buffer.alloc(bytes, 0x20))
      assertProblem(answer, [413, 'payload_too_large'], about)
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
    }
    assert.equal((await marty.request('GET', '/health')).status, 200)
  })

  it('for the parser: more members or elements than any operation takes', async () => {
    const members = JSON.stringify(Object.fromEntries(Array.from({ length: 250_000 }, (_, n) => [`k${n}`, 0])))
    for (const body of [members, `{"digest":[${'0,'.repeat(250_000)}0]}`, `[${'{},'.repeat(250_000)}{}]`]) {
      const answer = await sign(body)
      assertProblem(answer, [413, 'payload_too_large'], body.slice(0, 20))
      assert.match(answer.json.detail, /more than (5000 members|20000 elements)/)
    }
  })
})

describe('500: an unforeseen error', () => {
  it('answers an error id; the cause is in the log under it, and nowhere else', async () => {
    faults.sign = async () => {
      throw new TypeError('password=hunter2 at /var/lib/marty/keys')
    }
    const before = storedRows(marty.dataDirectory, 'signature_records').length
    const answer = await sign(good)
    faults.sign = undefined
    assertProblem(answer, [500, 'internal_error'], 'unhandled')
    assert.match(answer.json.errorId, /^[0-9a-f-]{36}$/)
    assert.deepEqual(Object.keys(answer.json).sort().join(), 'code,correlationId,errorId,status,title,type')
    assert.doesNotMatch(answer.text, /hunter2|TypeError/)
    assert.equal(answer.headers.get('retry-after'), null, 'trying again would not help')
    const logged = marty.lines.find(line => line['errorId'] === answer.json.errorId)
    assert.equal(logged?.['level'], 'ERROR')
    assert.equal(logged['correlationId'], answer.json.correlationId)
    assert.match(JSON.stringify(logged), /TypeError/)
    assert.equal(storedRows(marty.dataDirectory, 'signature_records').length, before)
    assert.equal((await sign(good)).status, 201)
  })
})

describe('secrets of a request', () => {
  it('are in no answer and in no log line, refused or not', async () => {
    const before = marty.lines.length
    const headers = { cookie: 'sid=hunter2', 'x-api-key': 'hunter2', 'proxy-authorization': 'Basic hunter2' }
    const requests = [
      sign({ ...good, password: 'hunter2', nested: { apiKey: ['hunter2'] } }, headers),
      sign({ ...good, document: 'password=hunter2' }, headers),
      sign('{"secret":"hunter2","secret":"hunter2"}', headers),
      marty.request('GET', '/v1/signatures?access_token=hunter2', { token: marty.token(), headers }),
      marty.request('GET', '/v1/signatures', { token: `${marty.token()}hunter2`, headers }),
      marty.request('GET', '/v1/signatures', { headers: { ...headers, authorization: 'Basic dXNlcjpodW50ZXIy' } }),
      marty.request('GET', '/v1/nothing/Bearer%20hunter2', { token: marty.token(), headers }),
      sign(good, headers),
    ]
    for (const { status, text } of await Promise.all(requests)) {
      assert.doesNotMatch(text, /hunter2|dXNlcjpodW50ZXIy/, String(status))
    }
    const lines = JSON.stringify(marty.lines.slice(before))
    assert.doesNotMatch(lines, /hunter2|dXNlcjpodW50ZXIy/)
    assert(marty.lines.length - before >= requests.length)
  })
})
