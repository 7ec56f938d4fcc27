import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { table } from '../table.ts'
import { completionScript } from './script.ts'

const folder = mkdtempSync(join(tmpdir(), 'mmf-completion-'))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'contract.pdf'), '')

const topLevel = [...new Set(table.commands.map(({ path }) => path.split(' ')[0] ?? ''))].sort()

/** What is typed, the last word perhaps in part, and what is offered for it. */
const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [[''], topLevel],
  [['cont'], ['context']],
  [['trust', 'l'], ['list']],
  [['trust', 'list', '--as'], ['--as-of']],
  [['trust', 'list', '--as-of', '2026', '--cou'], ['--country']],
  [
    ['pkd', 'export', '--format', ''],
    ['json', 'ldif', 'pem'],
  ],
  [
    ['completion', ''],
    ['bash', 'fish', 'zsh'],
  ],
  [
    ['events', 'dead-letters', ''],
    ['discard', 'list', 'replay'],
  ],
  [['sign', 'contr'], ['contract.pdf']],
  [['sign', 'x', '--output', 'contr'], ['contract.pdf']],
  [['sign', 'x', '--idempotency-key', 'contr'], []],
]

function missing(shell: string): string | false {
  return spawnSync(shell, ['--version']).status === 0 ? false : `${shell} is not installed`
}

test('bash completes commands, options, values and files', { skip: missing('bash') }, () => {
  const tries = cases.map(([words]) => `try mmf-cli ${words.map(quoted).join(' ')}`)
  const script = `${completionScript('bash', table)}
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mmf_cli; echo "\${COMPREPLY[*]}"; }
${tries.join('\n')}
try mmf-cli pkd export --format = j`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
  assert.equal(stderr, '')
  const offered = stdout.split('\n').map(line =>
    line
      .split(' ')
      .filter(word => word !== '')
      .sort(),
  )
  assert.deepEqual(offered.slice(0, -1), [...cases.map(([, wanted]) => [...wanted]), ['json']])
})

test('fish completes the same', { skip: missing('fish') }, () => {
  const tries = cases.map(([words]) => `complete -C ${quoted(['mmf-cli', ...words].join(' '))}; echo @@@`)
  const script = `set fish_complete_path /nonexistent\n${completionScript('fish', table)}\n${tries.join('\n')}`
  const { stdout } = spawnSync('fish', ['--no-config', '-c', script], { cwd: folder, encoding: 'utf8' })
  const offered = stdout.split('@@@\n').slice(0, -1)
  const words = offered.map(text =>
    text
      .split('\n')
      .flatMap(line => (line === '' ? [] : [line.split('\t')[0]]))
      .sort(),
  )
  assert.deepEqual(
    words,
    cases.map(([, wanted]) => [...wanted]),
  )
})

test('zsh takes the script', { skip: missing('zsh') }, () => {
  const path = join(folder, '_mmf-cli')
  writeFileSync(path, completionScript('zsh', table))
  assert.deepEqual(spawnSync('zsh', ['-n', path], { encoding: 'utf8' }).stderr, '')
})

test('zsh has every word and option', () => {
  const script = completionScript('zsh', table)
  for (const { path, options = [] } of table.commands) {
    assert.ok(script.includes(`('${path}') choices=(`), path)
    for (const { name } of options) assert.ok(script.includes(`'--${name}:`), `${path} --${name}`)
  }
})

const quoted = (text: string): string => `'${text}'`
