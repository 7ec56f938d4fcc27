import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openLocalIssuer } from '../../../infra/local/issuer/local-issuer.ts'
import { type CliOptions, type Ran, runCli } from '../support/run-cli.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

// The real program against the running platform, and against servers that are none.

const folder = mkdtempSync(join(tmpdir(), 'mmf-cli-'))
const config = join(folder, 'config')
let marty: TestPlatform
let strange: Server
let strangeUrl: string

before(async () => {
  marty = await startPlatform({ env: signingWith('ECDSA-SHA256', 'ML-DSA-44') })
  strange = createServer((request, response) => {
    const [, status = '200', type = 'html'] = /^\/(\d+)\/(\w+)/.exec(request.url ?? '') ?? []
    response.writeHead(Number(status), { 'content-type': type === 'html' ? 'text/html' : 'application/json' })
    response.end(type === 'html' ? '<h1>Sign in</h1>' : '{"message":"no \u001b[2J"}')
  })
  await new Promise<void>(resolve => strange.listen(0, '127.0.0.1', resolve))
  strangeUrl = `http://127.0.0.1:${(strange.address() as AddressInfo).port}`
})
after(async () => {
  await marty.stop()
  await new Promise(resolve => strange.close(resolve))
  rmSync(folder, { recursive: true })
})

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const cli = (args: readonly string[], options: CliOptions = {}): Promise<Ran> =>
  runCli(args, {
    ...options,
    env: { XDG_CONFIG_HOME: config, MARTY_URL: marty.url, MARTY_TOKEN: marty.token(), ...options.env },
  })

test('a file is signed by its digest and verified, from a pipe too; another one is not', async () => {
  // Larger than a request may be: what is sent is the digest.
  const contract = file('contract.bin', Buffer.alloc(24 * 1024 * 1024, 'contract'))
  const signature = join(folder, 'signature.json')
  const signed = await cli(['sign', contract, '--algorithm', 'ECDSA-SHA256', '--output', signature])
  assert.deepEqual(signed, { code: 0, stdout: '', stderr: '' })
  const { signatureId } = JSON.parse(readFileSync(signature, 'utf8'))
  const [same, byId, piped, other, asJson] = await Promise.all([
    cli(['verify', contract, '--signature', signature]),
    cli(['verify', contract, '--signature-id', signatureId]),
    cli(['verify', '-', '--signature', signature], { input: readFileSync(contract) }),
    cli(['verify', file('other', 'other'), '--signature', signature]),
    cli(['verify', file('other', 'other'), '--signature', signature, '--json']),
  ])
  assert.deepEqual([same, byId, piped], Array(3).fill({ code: 0, stdout: 'VALID\n', stderr: '' }))
  assert.deepEqual(other, { code: 6, stdout: 'INVALID: signature_mismatch\n', stderr: '' })
  assert.deepEqual([asJson.code, JSON.parse(asJson.stdout)], [6, { valid: false, reason: 'signature_mismatch' }])
})

test('an algorithm without a digest signs the file itself; the same idempotency key is the same signature', async () => {
  const args = ['sign', file('small', 'small'), '--algorithm', 'ML-DSA-44', '--idempotency-key', 'one']
  const [first, second] = [await cli(args), await cli(args)]
  assert.deepEqual([first.code, second.stdout], [0, first.stdout], first.stderr)
  const signature = file('ml-dsa.json', first.stdout)
  assert.equal((await cli(['verify', join(folder, 'small'), '--signature', signature])).stdout, 'VALID\n')
})

test('each way to fail has its exit code and its code, as a line and as a problem', async () => {
  const document = file('document', 'document')
  // Root may read every file; this one fails for root, too.
  const unreadable = process.getuid?.() === 0 ? '/proc/self/mem' : file('unreadable', 'secret')
  if (unreadable.startsWith(folder)) chmodSync(unreadable, 0o000)
  const large = file('large', Buffer.alloc(3_000_001))
  const cut = file('cut.json', '{"algorithm":"ECDSA-SHA256"}')
  const odd = file('odd.json', '{"algorithm":"ROT13","signature":"AA==","keyId":"k","keyVersion":1}')
  const sign = ['sign', document, '--algorithm', 'ECDSA-SHA256']
  const env = (values: Record<string, string>) => ({ env: values })
  const cases: readonly (readonly [number, string, readonly string[], CliOptions?])[] = [
    [2, 'usage_invalid', ['sgin']],
    [2, 'usage_invalid', ['trust', 'lst']],
    [2, 'usage_invalid', ['sign']],
    [2, 'usage_invalid', ['sign', document, document]],
    [2, 'usage_invalid', [...sign, '--outputs', 'x']],
    [2, 'usage_invalid', ['sign', document, '--algorithm', 'RSA', '--algorithm', 'RSA-SHA256']],
    [2, 'usage_invalid', ['sign', document, '--algorithm', 'ROT13']],
    [2, 'usage_invalid', [...sign, '--format', 'pem']],
    [2, 'usage_invalid', [...sign, '--url', 'http://127.0.0.1', '--context', 'x']],
    [2, 'usage_invalid', ['verify', document]],
    [2, 'usage_invalid', ['token', '--ttl', 'long']],
    [2, 'usage_invalid', ['config', 'validate', '--all-environments', '--environment', 'testing']],
    [2, 'url_invalid', [...sign, '--url', 'ftp://127.0.0.1']],
    [2, 'url_invalid', sign, env({ MARTY_URL: 'https://user:hunter2@127.0.0.1' })],
    [2, 'token_invalid', sign, env({ MARTY_TOKEN: 'a b' })],
    [2, 'file_missing', ['sign', join(folder, 'none')]],
    [2, 'file_is_folder', ['sign', folder]],
    [2, 'file_unreadable', ['sign', unreadable]],
    [2, 'file_too_large', ['sign', large, '--algorithm', 'ML-DSA-44']],
    [2, 'file_invalid', ['verify', document, '--signature', document]],
    [2, 'file_invalid', ['verify', document, '--signature', cut]],
    [2, 'file_invalid', ['verify', document, '--signature', odd]],
    [2, 'output_unwritable', [...sign, '--output', join(folder, 'none', 'x')]],
    [2, 'context_unknown', [...sign, '--context', 'nowhere']],
    [2, 'setting_unknown', ['config', 'explain', 'server.prt']],
    [3, 'role_missing', sign, env({ MARTY_TOKEN: marty.token({ roles: ['auditor'] }) })],
    [3, 'algorithm_not_allowed', ['sign', document]],
    [3, 'signature_not_found', ['verify', document, '--signature-id', '0196f3a2-6c1f-7c0e-a1b5-0d5b6f2f9c11']],
    [3, 'plugin_not_found', ['health', 'nothing']],
    [4, 'authentication_required', sign, env({ MARTY_TOKEN: '' })],
    [4, 'token_malformed', sign, env({ MARTY_TOKEN: 'none' })],
    [4, 'token_expired', sign, env({ MARTY_TOKEN: expiredToken() })],
    [4, 'answer_unexpected', [...sign, '--url', `${strangeUrl}/401/json`]],
    [5, 'server_unreachable', [...sign, '--url', await closedPort()]],
    [5, 'answer_unexpected', [...sign, '--url', `${strangeUrl}/200/html`]],
    [5, 'answer_unexpected', [...sign, '--url', `${strangeUrl}/200/json`]],
    [5, 'answer_unexpected', ['trust', 'list', '--url', `${strangeUrl}/200/json`]],
    [5, 'answer_unexpected', ['health', '--url', `${strangeUrl}/403/html`]],
    [5, 'answer_unexpected', ['openapi', '--url', `${strangeUrl}/503/json`]],
    [1, 'answer_unexpected', ['openapi', '--url', `${strangeUrl}/500/json`]],
    [1, 'dead_letter_not_found', ['events', 'replay', 'e'], env({ MARTY_TOKEN: administrator() })],
  ]
  await inTurns([...cases.entries()], async ([index, [exitCode, code, args, options]]) => {
    const what = args.join(' ')
    const json = await cli([...args, '--json'], options)
    assert.doesNotMatch(json.stderr, /hunter2|\bat .*\.ts:/)
    const problem = JSON.parse(json.stderr)
    assert.deepEqual([json.code, json.stdout, problem.code, problem.exitCode], [exitCode, '', code, exitCode], what)
    // The same for a person, of every third: processes take time.
    if (index % 3 !== 0) return
    const line = await cli(args, options)
    assert.deepEqual([line.code, line.stdout], [exitCode, ''], what)
    // One line, and nothing in it that moves the cursor.
    assert.match(line.stderr, new RegExp(`^${code}: [\\x20-\\x7e]+\\n$`), what)
  })
})

/** Issued two hours ago, for ten minutes. */
function expiredToken(): string {
  const clock = { now: () => new Date(Date.now() - 7_200_000) }
  const issuer = openLocalIssuer({ dataDirectory: marty.dataDirectory, clock })
  return issuer.issueToken({ subject: 'late', ttlSeconds: 600 })
}

const administrator = () => marty.token({ roles: ['platform_administrator'] })

test('what was meant is suggested', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['sgin'], /did you mean sign\?/],
    [['trust', 'lst'], /did you mean list\?/],
    [['trust', 'list', '--jsn'], /did you mean --json\?/],
    [['config', 'explain', 'server.prt'], /did you mean "server\.port"\?/],
  ]
  await inTurns(cases, async ([args, pattern]) => assert.match((await cli(args)).stderr, pattern))
})

test('health and openapi need no token and ask for none', async () => {
  const asked = join(folder, 'asked')
  const env = { MARTY_URL: '', XDG_CONFIG_HOME: join(folder, 'asking') }
  await cli(['context', 'add', 'here', '--url', marty.url, '--token-command', `touch '${asked}'; echo token`], { env })
  const health = await cli(['health'], { env })
  assert.equal(health.code, 0, health.stderr)
  assert.match(health.stdout, /document_signer\s+healthy/)
  const { code, stdout } = await cli(['openapi'], { env })
  assert.deepEqual([code, JSON.parse(stdout).openapi.slice(0, 3)], [0, '3.1'])
  assert.throws(() => statSync(asked), { code: 'ENOENT' })
})

test('contexts: added, used, listed, shown, removed; the file is for its owner only', async () => {
  const env = { XDG_CONFIG_HOME: join(folder, 'contexts'), MARTY_URL: '', MARTY_TOKEN: '' }
  const context = (...args: string[]) => cli(['context', ...args], { env })
  const path = join(folder, 'contexts/mmf-cli/contexts.json')
  const tokenFile = file('token', `${marty.token()}\n`)
  assert.equal(
    (await context('add', 'here', '--url', `${marty.url}/`, '--token-command', `cat '${tokenFile}'`)).code,
    0,
  )
  assert.deepEqual([statSync(path).mode & 0o777, statSync(join(path, '..')).mode & 0o777], [0o600, 0o700])
  assert.match((await context('add', 'here', '--url', 'http://127.0.0.1:1')).stderr, /^context_exists: /)
  assert.match((await context('add', 'a b', '--url', 'http://127.0.0.1:1')).stderr, /^usage_invalid: "a b"/)
  assert.match((await context('add', 'c', '--url', 'http://a:hunter2@b')).stderr, /^url_invalid: ((?!hunter2).)*$/m)
  assert.equal((await context('add', 'far', '--url', await closedPort())).code, 0)
  assert.match((await context('list')).stdout, /^\* here .* token command\n {2}far .* MARTY_TOKEN\n$/)
  const sign = ['sign', file('e', 'e'), '--algorithm', 'ECDSA-SHA256']
  assert.equal((await cli(sign, { env })).code, 0, 'the context in use, with its token')
  assert.match((await cli([...sign, '--context', 'far'], { env })).stderr, /^server_unreachable/)
  assert.match((await cli(sign, { env: { ...env, MARTY_URL: strangeUrl } })).stderr, /^answer_unexpected/)
  assert.equal((await context('use', 'far')).code, 0)
  assert.match((await cli(sign, { env })).stderr, /^server_unreachable/)
  const shown = JSON.parse((await context('show', 'here', '--json')).stdout)
  assert.deepEqual(shown, { name: 'here', url: marty.url, tokenCommand: `cat '${tokenFile}'`, inUse: false })
  assert.equal((await context('remove', 'far')).code, 0)
  assert.match((await context('show')).stderr, /^context_unknown/)
})

test('a token command serves its own server only, and what it prints is shown nowhere', async t => {
  const env = { XDG_CONFIG_HOME: join(folder, 'commands'), MARTY_URL: '', MARTY_TOKEN: marty.token() }
  const seen: (string | undefined)[] = []
  const listener = createServer((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(401, { 'content-type': 'application/problem+json' })
    response.end('{"code":"token_malformed","title":"no"}')
  })
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  t.after(() => listener.close())
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`
  const add = (command: string) =>
    cli(['context', 'add', 'own', '--url', url, '--replace', '--token-command', command], { env })
  const list = (...more: string[]) => cli(['trust', 'list', ...more], { env })
  await add('echo its-own-token')
  assert.equal((await list()).code, 4)
  assert.equal((await list('--token', 'given')).code, 4)
  assert.equal((await list('--url', url)).code, 4)
  assert.deepEqual(seen, ['Bearer its-own-token', 'Bearer given', `Bearer ${env.MARTY_TOKEN}`])
  const failing = [
    'echo hunter2; echo hunter2 >&2; exit 3',
    'true',
    'echo hunter2 hunter2',
    'printf "hunter2\\nhunter2\\n"',
    '/nowhere/hunter2 2>&1',
  ]
  for (const command of failing) {
    await add(command)
    const { code, stdout, stderr } = await list('--json')
    assert.deepEqual([code, stdout, JSON.parse(stderr).code], [4, '', 'token_command_failed'], command)
    assert.doesNotMatch(stderr, /hunter2/)
  }
  assert.equal(seen.length, 3, 'no request without its token')
})

test('a file of contexts that is broken or open to others is refused by name, and not needed where the call names the server', async () => {
  const env = { XDG_CONFIG_HOME: join(folder, 'broken'), MARTY_URL: '' }
  mkdirSync(join(folder, 'broken/mmf-cli'), { recursive: true })
  const path = file('broken/mmf-cli/contexts.json', '{')
  const broken = [
    '{',
    '[]',
    '{"version":2,"contexts":{}}',
    '{"version":1,"contexts":{"a b":{"url":"http://x"}}}',
    '{"version":1,"contexts":{"a":{}}}',
    '{"version":1,"contexts":{"a":{"url":"http://x","tokenCommand":1}}}',
    '{"version":1,"contexts":{},"current":"a"}',
  ]
  await chain(broken, async content => {
    writeFileSync(path, content)
    // Reading it, and what would write it anew.
    const args = content === '{' ? ['context', 'add', 'n', '--url', 'http://x'] : ['health']
    const { code, stderr } = await cli(args, { env })
    assert.deepEqual([code, stderr.startsWith(`context_file_invalid: ${path}`)], [2, true], `${content} ${stderr}`)
    assert.equal(readFileSync(path, 'utf8'), content, 'it stays as it is')
  })
  assert.equal((await cli(['health', '--url', marty.url], { env })).code, 0)
  writeFileSync(path, '{"version":1,"contexts":{}}')
  chmodSync(path, 0o666)
  assert.match((await cli(['context', 'list'], { env })).stderr, /^context_file_exposed: /)
})

test('colours: none in a pipe, some where they are forced, none where they are refused', async () => {
  const help = (env: Record<string, string>) => cli(['verify', '--help'], { env })
  const coloured = async (env: Record<string, string>) => (await help(env)).stdout.includes('\u001b[')
  const found = await Promise.all([
    coloured({}),
    coloured({ FORCE_COLOR: '1' }),
    coloured({ FORCE_COLOR: '0' }),
    coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }),
  ])
  assert.deepEqual(found, [false, true, false, false])
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(readFileSync('cli/package.json', 'utf8'))
  assert.deepEqual(await cli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
})

/** A port that answers nothing: it was free a moment ago. */
async function closedPort(): Promise<string> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

/** At most four processes at a time. */
async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all([worker(), worker(), worker(), worker()])
}

async function chain<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (const item of items) await work(item)
}
