import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { indexByName, openData, readJson } from './archive.ts'
import { countCase, emptyReport, hungAfterMs, passed, summaryLine } from './report.ts'

const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
after(() => rmSync(folder, { recursive: true }))

/** Runs the runner in a process of its own, without CONFORMANCE_DATA unless given. */
function runner(args: readonly string[], data?: string) {
  const { CONFORMANCE_DATA: _unset, ...environment } = process.env
  const env = data === undefined ? environment : { ...environment, CONFORMANCE_DATA: data }
  const result = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], { env, encoding: 'utf8' })
  return { status: result.status, stdout: result.stdout, stderr: result.stderr.trim() }
}

const result = (id: string, expected: string, got: string, more = {}) => ({ id, expected, got, elapsedMs: 1, ...more })

test('each case is counted in exactly one column', () => {
  const report = emptyReport('demo')
  const cases = [
    result('a', 'valid', 'valid'),
    result('b', 'invalid', 'valid'),
    result('c', 'valid', 'invalid'),
    result('d', 'valid', '', { skipped: 'feature x is not claimed' }),
    result('e', 'valid', '', { error: 'it broke' }),
    result('f', 'valid', 'valid', { elapsedMs: hungAfterMs + 1 }),
    result('g', 'acceptable', 'invalid'),
    result('h', 'revoked', 'good'),
    result('i', 'unknown', 'revoked'),
  ]
  for (const one of cases) countCase(report, one)
  const { total, right, falseAccept, falseReject, skipped, hung, errors } = report
  assert.deepEqual([total, right, falseAccept, falseReject, skipped, hung, errors], [9, 2, 2, 2, 1, 1, 1])
  assert.deepEqual(
    report.deviations.map(({ id }) => id),
    ['b', 'c', 'e', 'f', 'h', 'i'],
  )
  assert.deepEqual(report.skippedReasons, { 'feature x is not claimed': 1 })
  assert.deepEqual([report.slowestId, report.slowestMs], ['f', hungAfterMs + 1])
  assert.equal(passed(report), false)
  assert.match(
    summaryLine(report),
    /^demo: 2 of 8 right, 1 skipped, 2 false accepts, 2 false rejects, 1 hung, 1 errors/,
  )
})

test('a run without a right case proves nothing', () => {
  const report = emptyReport('demo')
  assert.equal(passed(report), false)
  countCase(report, result('a', 'valid', '', { skipped: 'why' }))
  assert.equal(passed(report), false)
  countCase(report, result('b', 'valid', 'valid'))
  assert.equal(passed(report), true)
})

test('data is read from folders, gzip and tar archives alike', () => {
  const source = join(folder, 'source')
  const longName = `${'n'.repeat(120)}.txt`
  mkdirSync(join(source, 'certs'), { recursive: true })
  writeFileSync(join(source, 'certs', 'a.der'), Uint8Array.of(1, 2, 3))
  writeFileSync(join(source, 'certs', 'big.bin'), new Uint8Array(1500).fill(7))
  writeFileSync(join(source, longName), 'long')
  const data = join(folder, 'data')
  mkdirSync(data)
  execFileSync('tar', ['-czf', join(data, 'set.tar.gz'), '-C', source, '.'])
  writeFileSync(join(data, 'vectors.json.gz'), gzipSync('{"cases":[1]}'))
  const files = openData(data)
  const index = indexByName(files)
  assert.deepEqual([...index.keys()].sort(), ['a.der', 'big.bin', longName, 'vectors.json'].sort())
  assert.deepEqual([...(index.get('a.der')?.read() ?? [])], [1, 2, 3])
  assert.equal(index.get('big.bin')?.read().length, 1500)
  assert.deepEqual(readJson(index.get('vectors.json') ?? assert.fail()), { cases: [1] })
  assert.deepEqual(
    openData(join(data, 'vectors.json.gz')).map(file => file.name),
    ['vectors.json'],
  )
  assert.throws(() => openData(join(folder, 'nowhere')), { code: 'ENOENT' })
  const truncated = join(folder, 'truncated.tar')
  execFileSync('sh', ['-c', `tar -cf - -C '${source}' certs/big.bin | head -c 1024 > '${truncated}'`])
  assert.throws(() => openData(truncated), /truncated archive/)
})

test('usage errors are one line and status 2', () => {
  const cases = [
    ['--suite', 'nothing'],
    ['--suite', 'sod'],
    ['--what'],
    ['--suite', 'sod', '--data', join(folder, 'nowhere')],
    ['--json'],
    ['x'],
  ]
  for (const args of cases) {
    const { status, stdout, stderr } = runner(args)
    assert.deepEqual([status, stdout, stderr.split('\n').length], [2, '', 1], args.join(' '))
  }
})

test('without data the run says that it is skipped', () => {
  const { status, stdout } = runner([])
  assert.deepEqual([status, stdout], [0, 'conformance: skipped: CONFORMANCE_DATA is not set\n'])
})

test('a deviation fails the run and stands in its JSON', () => {
  const vectors = ['ok', 'error'].map((expected, index) => ({
    id: `v${index}`,
    file: 'v.der',
    expected,
    strictMode: null,
    verifiesSignature: false,
    dataGroups: [],
  }))
  const data = join(folder, 'sod')
  mkdirSync(data)
  writeFileSync(join(data, 'v.der'), Uint8Array.of(0x30, 0))
  writeFileSync(join(data, 'sod-vectors.json'), JSON.stringify({ vectors }))
  const { status, stdout } = runner(['--suite', 'sod', '--data', data, '--json'])
  assert.equal(status, 1)
  const report = JSON.parse(stdout)
  assert.deepEqual([report.suite, report.total, report.right, report.falseReject], ['sod', 2, 1, 1])
  assert.deepEqual(
    report.deviations.map((one: { id: string; got: string }) => [one.id, one.got]),
    [['v0', 'error']],
  )
  assert.equal(runner(['--suite', 'sod', '--data', data, '--only', 'v1']).status, 0)
  assert.equal(runner(['--suite', 'sod', '--data', data, '--only', 'v9']).status, 2)
})

const { CONFORMANCE_DATA: root } = process.env
const available = root !== undefined && root !== '' && existsSync(root)

for (const suite of ['wycheproof', 'masterlists', 'sod', 'reports']) {
  test(`suite ${suite}: every case is right`, { skip: !available && 'CONFORMANCE_DATA is not set' }, () => {
    const { status, stdout } = runner(['--suite', suite, '--json'], root)
    const report = JSON.parse(stdout)
    assert.deepEqual(report.deviations, [])
    assert.equal(report.right + report.skipped, report.total)
    assert.equal(status, 0)
  })
}
