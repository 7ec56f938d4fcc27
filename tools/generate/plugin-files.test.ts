import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseDocument } from 'yaml'
import { workspaces } from '../build/workspaces.ts'
import { pluginFiles, withFactsInJson, withFactsInYaml } from './plugin-files.ts'

const yaml = `# Kept.
name: toy   # kept, too
version: 1.0.0 # of the code
description: "One: two"

keywords: [a, b]
nested: { version: 7, description: other }
`
const json = `{
  "name": "toy",
  "version": "1.0.0",
  "description": "One: two",
  "nested": {
    "version": "7"
  }
}
`
const facts = { name: 'toy', version: '1.0.0', description: 'One: two' }
const changed = { name: 'toy', version: '2.0.0-rc.1', description: 'It\'s "new": # $& \\' }

test('version and description are written, and nothing else is touched', () => {
  assert.equal(withFactsInYaml(yaml, facts), yaml)
  assert.equal(withFactsInJson(json, facts), json)
  assert.equal(
    withFactsInYaml(yaml, { ...facts, version: '1.1.0' }),
    yaml.replace('version: 1.0.0 #', 'version: 1.1.0 #'),
  )
  assert.equal(
    withFactsInJson(json, { ...facts, version: '1.1.0' }),
    json.replace('"version": "1.0.0"', '"version": "1.1.0"'),
  )
  const { version, description } = changed
  const read = parseDocument(withFactsInYaml(yaml, changed)).toJS()
  assert.deepEqual(read, { ...parseDocument(yaml).toJS(), version, description })
  assert.match(
    withFactsInYaml(yaml, changed),
    /^# Kept\.\nname: toy {3}# kept, too\nversion: 2\.0\.0-rc\.1 # of the code\n/,
  )
  assert.deepEqual(JSON.parse(withFactsInJson(json, changed)), { ...JSON.parse(json), version, description })
})

test('any description is read again as it was written', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.string({
          unit: fc.constantFrom(' ', '\n', '\t', '\u00a0', '\ufeff', '#', ':', '-', '"', "'", '|', 'a'),
          maxLength: 6,
        }),
      ),
      fc.stringMatching(/^[0-9]\.[0-9]{1,2}\.[0-9]$/),
      (description, version) => {
        const given = { name: 'toy', version, description }
        const written = withFactsInYaml(yaml, given)
        assert.deepEqual(parseDocument(written).toJS(), { ...parseDocument(yaml).toJS(), version, description })
        assert.deepEqual(JSON.parse(withFactsInJson(json, given)), { ...JSON.parse(json), version, description })
        assert.equal(withFactsInYaml(written, given), written)
      },
    ),
  )
})

test('a file without a field, and a manifest of a plugin that is not deployed, are refused by name', () => {
  assert.throws(() => withFactsInYaml('name: toy\nversion: 1.0.0\n', facts), /plugin\.yaml has no description/)
  assert.throws(() => withFactsInJson('{\n  "description": "x"\n}\n', facts), /package\.json has no version/)
  assert.throws(() => pluginFiles(workspaces, []), /plugins\/marty\/plugin\.yaml: .* marty/)
})

test('the manifest and the package of each deployed plugin follow its version', () => {
  const planted = { version: '9.9.9', description: 'planted' }
  const files = pluginFiles(workspaces, [
    { name: 'marty', ...planted },
    { name: 'notary', ...planted },
  ])
  assert.deepEqual(Object.keys(files), [
    'plugins/marty/plugin.yaml',
    'plugins/marty/package.json',
    'plugins/notary/src/plugin.yaml',
    'plugins/notary/package.json',
  ])
  for (const text of Object.values(files)) assert.ok(text.includes('9.9.9') && text.includes('planted'))
})
