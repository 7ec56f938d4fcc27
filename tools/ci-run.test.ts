import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { root } from './build/paths.ts'

/** Runs `.ci/run` with an `npm` that does what `script` says, a body of `case "$*"`; every other command succeeds without a word. */
async function ciRun(t: TestContext, script: string) {
  const folder = await mkdtemp(join(tmpdir(), 'ci-'))
  t.after(() => rm(folder, { recursive: true }))
  const npm = join(folder, 'npm')
  await writeFile(npm, `#!/bin/sh\ncase "$*" in\n${script}\n*) exit 0 ;;\nesac\n`)
  await chmod(npm, 0o755)
  const { CONFORMANCE_DATA: _, ...env } = process.env
  const { status, stdout } = spawnSync(join(root, '.ci/run'), {
    env: { ...env, PATH: `${folder}${delimiter}${env['PATH']}`, CONFORMANCE_DATA: folder },
    encoding: 'utf8',
  })
  return { status, end: stdout.slice(stdout.indexOf('\n== what failed\n') + 1).split('\n') }
}

test('.ci/run ends with the names of what failed, whatever stood in front of them', async t => {
  const { status, end } = await ciRun(
    t,
    `test) printf '✖ test/a.test.ts:3 › adds\\n    AssertionError: 1 is not 2\\n        at file\\n✖ b.test.ts › ends\\n    Error: late\\n4 passed, 2 failed, 0 skipped\\n'; exit 1 ;;
'run check') printf '✔ types (1 s)\\n✖ architecture (1 s)\\n    a.ts: a cycle\\n6 gates passed, 1 failed\\n'; exit 1 ;;
'run test:packages') echo '2 passed, 0 failed, 0 skipped' ;;
'run test:aws') echo 'no emulator'; exit 3 ;;
'run pack') echo 'no disk'; exit 2 ;;`,
  )
  assert.equal(status, 1)
  const start = end.indexOf('npm run test:aws: exit code 3, its counts name no failure')
  assert.deepEqual(end.slice(0, start), [
    '== what failed',
    'npm test: 2 failed',
    '  ✖ test/a.test.ts:3 › adds',
    '      AssertionError: 1 is not 2',
    '  ✖ b.test.ts › ends',
    '      Error: late',
    'npm run check: 1 failed',
    '  ✖ architecture (1 s)',
    '      a.ts: a cycle',
  ])
  assert.deepEqual(end.slice(start + 1, start + 4), ['  no emulator', 'npm run pack: exit code 2', '  no disk'])
  assert.match(end.at(-2) ?? '', /^\d+ passed, \d+ failed$/)
})

test('.ci/run that cannot install names that alone', async t => {
  const { status, end } = await ciRun(t, `ci*) echo 'no registry answers'; exit 1 ;;`)
  assert.equal(status, 1)
  assert.deepEqual(end, [
    '== what failed',
    'npm ci: exit code 1',
    '  no registry answers',
    '',
    '0 passed, 1 failed',
    '',
  ])
})
