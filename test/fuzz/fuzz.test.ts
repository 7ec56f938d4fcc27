import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runIteration, tryInput } from './iteration.ts'
import { randomOf } from './random.ts'
import { createTargets } from './targets.ts'

const fixedSeed = 20_261_122
const iterations = 2_500
const targets = createTargets()

test('mutated structures give coded errors or verdicts, and nothing else', () => {
  for (let iteration = 0; iteration < iterations; iteration++) {
    const crash = runIteration(targets, fixedSeed, iteration)
    if (crash === undefined) continue
    const input = Buffer.from(crash.input).toString('base64')
    assert.fail(`${crash.target}, seed ${fixedSeed}, iteration ${iteration}: ${describe(crash.error)}\n${input}`)
  }
})

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

test('the unchanged chain is among the inputs, and valid', () => {
  const validate = targets.find(({ name }) => name === 'validate')
  assert.ok(validate)
  let controls = 0
  for (let iteration = 0; controls === 0; iteration++) {
    const input = validate.generate(randomOf(fixedSeed, iteration))
    const { profile, changed } = JSON.parse(Buffer.from(input).toString())
    if (profile !== 'rfc5280' || changed !== 'none') continue
    controls++
    assert.equal(tryInput(validate, input), undefined)
    const parts = { ...JSON.parse(Buffer.from(input).toString()), anchors: [] }
    assert.match(String(tryInput(validate, Buffer.from(JSON.stringify(parts)))), /unchanged chain is invalid/)
  }
})

test('a crash is seen, and work out of proportion too', () => {
  const broken = { name: 'x', generate: () => new Uint8Array(1), run: () => assert.fail('boom') }
  assert.match(String(tryInput(broken, new Uint8Array(1))), /boom/)
  assert.equal(runIteration([broken], 1, 5)?.iteration, 5)
})
