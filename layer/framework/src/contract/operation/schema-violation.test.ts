import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod'
import { treeWith } from '../../config/config-tree.ts'
import { validateSettings } from '../../config/validate-settings.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { testCall } from '../../testing/test-call.ts'
import { publicAccess } from '../concerns/requires-auth.ts'
import type { PluginContext } from '../plugin-context.ts'
import { serviceScope } from './operation.ts'
import { base64 } from './wire-codecs.ts'

/** Each kind of issue that a schema can have: the schema, a value that it refuses, and the whole message. */
const kinds: Readonly<Record<string, readonly [z.ZodType, unknown, string]>> = {
  'another type': [z.string(), 5, 'must be a string, received a number'],
  'a missing field': [z.string(), undefined, 'must be a string, received nothing'],
  'null for a list': [z.array(z.string()), null, 'must be a list, received null'],
  'a list for an object': [z.strictObject({}), [1, 2], 'must be an object, received a list of 2'],
  'text for true or false': [z.boolean(), 'yes', 'must be true or false, received a string'],
  'text for a number': [z.number(), 'hunter2', 'must be a number, received a string'],
  'a broken number': [z.int(), 1.5, 'must be a whole number, received a fraction'],
  'a number too large to be exact': [z.int(), 2 ** 60, 'must be at most 9007199254740991'],
  'a value of no enumeration': [z.enum(['a', 'b']), 'hunter2', 'must be one of "a", "b"'],
  'another type for an enumeration': [z.enum(['a', 'b']), 7, 'must be one of "a", "b", received a number'],
  'another value than the only one': [z.literal('a'), 'hunter2', 'must be "a"'],
  'too few items': [z.array(z.string()).min(1), [], 'must have at least 1 item, received a list of 0'],
  'too many items': [z.array(z.int()).max(2), [1, 2, 3], 'must have at most 2 items, received a list of 3'],
  'another number of items': [z.array(z.int()).length(2), [1], 'must have exactly 2 items, received a list of 1'],
  'text too short': [z.string().min(3), 'ab', 'must have at least 3 characters'],
  'text too long': [z.string().max(3), 'hunter2', 'must have at most 3 characters'],
  'a number too small': [z.number().min(1), 0, 'must be at least 1'],
  'a number not above': [z.number().gt(1), 1, 'must be more than 1'],
  'a number not below': [z.number().lt(1), 1, 'must be less than 1'],
  'a number that is no multiple': [z.number().multipleOf(5), 7, 'must be a multiple of 5'],
  'no UUID': [z.uuid(), 'hunter2', 'must be a UUID (RFC 9562)'],
  'no time': [z.iso.datetime(), 'hunter2', 'must be a time in UTC (RFC 3339), such as 2026-01-31T12:00:00Z'],
  'no address': [z.url(), 'hunter2', 'must be a URL'],
  'another pattern': [z.string().regex(/^[a-z]+$/), 'hunter2', 'must match /^[a-z]+$/'],
  'another beginning': [z.string().startsWith('a'), 'hunter2', 'must start with "a"'],
  'neither of two forms': [
    z.union([z.int(), z.array(z.int())]),
    'x',
    'must be a number, or must be a list, received a string',
  ],
  'no known discriminator': [
    z.discriminatedUnion('a', [z.strictObject({ a: z.literal('b') })]),
    { a: 'hunter2' },
    'must be "b"',
  ],
  'an unknown key of a record': [z.record(z.enum(['a']), z.int()), { a: 1, hunter2: 1 }, 'unknown field'],
  'a key that breaks a rule': [
    z.record(z.string().regex(/^[a-z]$/), z.int()),
    { hunter2: 1 },
    'is not allowed as a name',
  ],
  'a rule without words': [z.string().refine(() => false), 'hunter2', 'is not allowed'],
  'a rule with words of its author': [z.string().refine(() => false, 'must rhyme'), 'hunter2', 'must rhyme'],
  'a pattern with words of its author': [z.string().regex(/^a$/, 'expected an a'), 'hunter2', 'expected an a'],
  'a codec with words of its author': [base64(), '?', 'not canonical base64 (RFC 4648 §4, padded, no white space)'],
  'an unknown field': [z.strictObject({}), { b: 1 }, 'unknown field'],
}

const operation = serviceScope<object>()('toys', {})
const context = { plugin: { name: 'toy', version: '1.0.0', metricPrefix: 'toy' } } as unknown as PluginContext

async function refusalOf(field: z.ZodType, value: unknown) {
  const input = z.strictObject({ field })
  const { invoke } = operation({
    name: 'take',
    input,
    output: z.undefined(),
    concerns: [publicAccess()],
    run: async () => undefined,
  })
  try {
    await invoke({ field: value }, { context, call: testCall() })
  } catch (error) {
    if (isMmfError(error, 'validation_failed')) return error
    throw error
  }
  throw new Error('was accepted')
}

for (const [kind, [field, value, message]] of Object.entries(kinds)) {
  test(`a request with ${kind} is refused in our words, naming the field and never the value`, async () => {
    const { errors, detail } = await refusalOf(field, value)
    assert.equal(errors[0]?.message, message)
    assert.match(errors[0]?.path ?? '', /^field/)
    assert.equal(detail, `${errors[0]?.path}: ${message}`)
    assert.doesNotMatch(JSON.stringify([errors.map(one => one.message), detail?.replace(/^[^:]*/, '')]), /hunter2/)
  })
}

test('settings are refused in the same words', () => {
  const tree = treeWith(['field'], 'hunter2', { kind: 'variable', variable: 'FIELD' })
  for (const [kind, [field, value, message]] of Object.entries(kinds)) {
    if (message === 'unknown field') continue
    assert.throws(
      () => validateSettings(z.strictObject({ field }), { input: { field: value }, alternatives: [] }, tree),
      (error: unknown) => isMmfError(error, 'config_invalid') && error.errors[0]?.message.startsWith(message) === true,
      kind,
    )
  }
})
