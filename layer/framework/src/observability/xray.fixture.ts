import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import { MmfError } from '../errors/mmf-error.ts'
import { headerLines, plantedValues, tellingTexts } from './planted-secrets.fixture.ts'
import { createXrayTracer } from './xray-tracer.ts'

// A program, run as if by Lambda: overlapping requests, each with two spans below its own; one refusal, one fault, and spans with a secret in every form.
const tracer = await createXrayTracer({ serviceName: 'test' })
let traceId = ''

await Promise.all(
  Array.from({ length: 20 }, (_, n) =>
    tracer.span(`request ${n}`, {}, async root => {
      traceId = root.traceId
      for (const step of [1, 2])
        await tracer.span(`step ${step}`, { n, password: 'hunter2' }, () => pause((n * 7) % 5), root)
    }),
  ),
)
const outcome = await tracer
  .span('refused', {}, () => Promise.reject(new MmfError('not_found')))
  .catch((error: MmfError) => error.code)
await assert.rejects(tracer.span('broken', {}, () => Promise.reject(new Error('Bearer hunter2'))))
for (const [name, value] of Object.entries({ ...plantedValues(), ...tellingTexts, ...headerLines })) {
  const text = typeof value === 'string' && !(name in plantedValues()) ? value : name
  await tracer
    .span(`planted ${text}`, { [name]: value }, async span => {
      span.setTag('planted', text)
      throw new Error(text, { cause: { [name]: value } })
    })
    .catch(() => {})
}
console.log(JSON.stringify({ traceId, outcome }))
