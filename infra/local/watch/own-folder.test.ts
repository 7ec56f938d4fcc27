import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { ownFolder } from './own-folder.ts'

test('folders of processes that ended go, those of others stay', t => {
  const parent = mkdtempSync(join(tmpdir(), 'own-folder-'))
  t.after(() => rmSync(parent, { recursive: true }))
  const { pid: ended } = spawnSync(process.execPath, ['--version'])
  const others = [`watch-${process.ppid}-a`, 'dist-1-a', 'watch-list']
  for (const name of [`watch-${ended}-a`, ...others]) mkdirSync(join(parent, name))
  const own = basename(ownFolder(parent))
  assert.deepEqual(readdirSync(parent).sort(), [...others, own].sort())
})
