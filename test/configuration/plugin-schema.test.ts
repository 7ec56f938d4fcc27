import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { parse } from 'yaml'
import { pluginManifestSchema } from '../../layer/framework/src/runtime/manifest-schema.ts'
import { root } from '../../tools/build/paths.ts'

const published = JSON.parse(readFileSync(join(root, 'docs/generated/plugin.schema.json'), 'utf8'))
// A homepage is checked by `new URL` here; what an editor makes of the format is its own affair.
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(published)

const word = fc.constantFrom('marty', 'a_b', 'Upper', '', 'x-y', '9')
const range = fc.oneof(
  fc.constantFrom(
    '*',
    '^1',
    '>=1 <3',
    '1.x',
    '^1 || ~2.3',
    '> = 1',
    '>*',
    '<x',
    'latest',
    '',
    ' 1 ',
    '1.2.3-rc.1',
    '1 ||',
  ),
  fc.stringMatching(/^[\^~<>=]{0,2} ?v?[0-9x*](\.[0-9x*]){0,3}( [<>]?[0-9])?$/),
)
const dependencies = fc.oneof(fc.array(word), fc.dictionary(word, range))
const list = fc.array(fc.constantFrom('one', '', 'two.three'))
const host = fc.constantFrom(
  'example.org',
  '*.example.org',
  '*',
  '**',
  'https://example.org',
  'example.org:80',
  '',
  '::1',
  'a b',
  '.x',
)
const permissions = fc.record(
  {
    tables: fc.dictionary(word, fc.constantFrom('read', 'write', 'append')),
    keys: list,
    events: list,
    egress: fc.array(host),
    secrets: list,
    egres: list,
  },
  { requiredKeys: [] },
)
const module = fc.constantFrom('./plugin.ts', './plugin.ts#marty', '../x.js', 'plugin', './a b.ts', '/x.mjs')
const given = {
  memory_mb: fc.constantFrom(127, 128, 10_240, 10_241),
  timeout_seconds: fc.constantFrom(0, 1, 900, 901),
  reserved_concurrency: fc.constantFrom(0, 1),
  log_level: fc.constantFrom('debug', 'shout'),
}
const resources = fc.record(given, { requiredKeys: [] })
const services = fc.oneof(fc.array(word), fc.dictionary(word, fc.record({ module, ...given }, { requiredKeys: [] })))
const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  name: word,
  version: fc.oneof(fc.constantFrom('1.2.3', 'v1.0.0', '1.2', '1.2.3-rc.1+5', ''), range),
  description: fc.constantFrom('A plugin', ''),
  license: fc.constantFrom('MIT', ''),
  keywords: list,
  mmf_version: range,
  node_version: range,
  dependencies,
  optional_dependencies: dependencies,
  entry_point: module,
  enabled: fc.boolean(),
  priority: fc.constantFrom(0, 1000, 1001, -1, 1.5, 1e300),
  domain: module,
  services,
  resources,
  permissions,
}

/** Values as they should be, mistaken in the way of the field, or anything at all. */
const mistaken = fc.record(
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      fc.oneof(
        { arbitrary: value, weight: 12 },
        { arbitrary: fc.jsonValue({ noUnicodeString: true, maxDepth: 2 }), weight: 1 },
      ),
    ]),
  ),
  { requiredKeys: ['name', 'version', 'description'] },
)
const valid = { name: 'marty', version: '1.2.3', description: 'A plugin' }
/** One or two fields of a manifest that is right otherwise, so that both answers occur often. */
const oneOff = fc
  .tuple(fc.subarray(Object.keys(fields), { minLength: 1, maxLength: 2 }), mistaken)
  .map(([names, other]) => ({
    ...valid,
    ...Object.fromEntries(Object.entries(other).filter(([name]) => names.includes(name))),
  }))

describe('the published schema of plugin.yaml', () => {
  it('says of every manifest what discovery says', () => {
    const seen = { true: 0, false: 0 }
    fc.assert(
      fc.property(fc.oneof(oneOff, mistaken), manifest => {
        const { success, error } = pluginManifestSchema.safeParse(manifest)
        seen[`${success}`]++
        assert.equal(validate(manifest), success, `${JSON.stringify(manifest)}: ${error?.message ?? 'accepted here'}`)
      }),
      { numRuns: 2_000 },
    )
    assert.ok(seen.true > 200 && seen.false > 200, JSON.stringify(seen))
  })

  it('takes the manifest of Marty, and refuses it with a misspelt field', () => {
    const manifest: Readonly<Record<string, unknown>> = parse(
      readFileSync(join(root, 'plugins/marty/plugin.yaml'), 'utf8'),
    )
    assert.ok(validate(manifest), JSON.stringify(validate.errors))
    assert.equal(validate({ ...manifest, licence: 'MIT' }), false)
  })

  it('is named in the first line of a manifest, for editors', () => {
    const [line = ''] = readFileSync(join(root, 'plugins/marty/plugin.yaml'), 'utf8').split('\n')
    const [, path = ''] = /^# yaml-language-server: \$schema=(\S+)$/.exec(line) ?? []
    assert.deepEqual(JSON.parse(readFileSync(join(root, 'plugins/marty', path), 'utf8')), published)
  })
})
