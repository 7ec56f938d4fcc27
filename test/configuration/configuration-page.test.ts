import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createPluginConfigManager } from '../../layer/framework/src/config/index.ts'
import { pluginManifestSchema } from '../../layer/framework/src/runtime/manifest-schema.ts'
import { martyConfigSchema } from '../../plugins/marty/config.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\w+) ?(.*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', info = '', text = '']) => ({
    language,
    file: /^file=(.+)$/.exec(info)?.[1],
    isOutput: info === 'output',
    text,
  }),
)

test('the examples of docs/configuration.md run and print what the page says', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'mmf-docs-'))
  t.after(() => rmSync(folder, { recursive: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  cpSync(join(root, 'config'), join(folder, 'config'), { recursive: true })
  let compared = 0
  for (const [index, { language, file, text }] of blocks.entries()) {
    if (file === undefined) continue
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
    const expected = blocks[index + 1]
    if (language !== 'ts' || !expected?.isOutput) continue
    const { stdout } = await promisify(execFile)(process.execPath, [file], { cwd: folder, env: {} })
    assert.equal(stdout, expected.text, file)
    compared += 1
  }
  assert.equal(compared, blocks.filter(({ isOutput }) => isOutput).length)
  assert.ok(compared > 0)
})

type Property = { readonly default?: unknown; readonly properties?: Readonly<Record<string, Property>> }

function settingsOf({ properties = {} }: Property, prefix = ''): readonly string[] {
  return Object.entries(properties).flatMap(([name, property]) =>
    property.properties === undefined
      ? [`${prefix}${name} ${property.default === undefined ? 'none' : JSON.stringify(property.default)}`]
      : settingsOf(property, `${prefix}${name}.`),
  )
}

function documented(heading: string): readonly string[] {
  const section = page.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  return [...section.matchAll(/^\| `([\w.]+)` \| (.+?) \|/gm)].map(
    ([, name, value = '']) => `${name} ${value.replaceAll('`', '')}`,
  )
}

test('the tables list every setting with its default, and no other', () => {
  const manager = createPluginConfigManager({ environment: 'testing', env: {}, schemas: { marty: martyConfigSchema } })
  assert.deepEqual(documented('Settings of the platform'), settingsOf(manager.jsonSchema('base') as Property))
  assert.deepEqual(documented('Settings of Marty'), settingsOf(manager.jsonSchema('marty') as Property))
})

test('the table of the manifest lists every field', () => {
  const section = page.split(/^## Which plugins run$/m)[1] ?? ''
  const named = [...section.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? [])
  assert.deepEqual(named.sort(), Object.keys(pluginManifestSchema.shape).sort())
})
