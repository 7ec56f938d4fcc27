import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './pages.ts'
import { transcript, walkCommands } from './plugin-walk.ts'

test('the transcript has each command of the page in order, its times, and ends below two minutes of processor time', () => {
  const text = readFileSync(join(root, transcript), 'utf8')
  const steps = [...text.matchAll(/^`(.+)` · [\d.]+ s, ([\d.]+) s of processor time$/gm)]
  assert.deepEqual(
    steps.map(([, command]) => command),
    [...walkCommands(), 'Ctrl-C'],
  )
  const [, together] = /^Together: [\d.]+ s, ([\d.]+) s of processor time\.$/m.exec(text) ?? []
  const sum = steps.reduce((total, [, , seconds]) => total + Number(seconds), 0)
  assert.ok(Math.abs(Number(together) - sum) < 1, `${together} is the sum, ${sum}`)
  assert.ok(Number(together) < 120)
  assert.match(text, /\{"greeting":"Hello, Ann"\}/)
})
