import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build as esbuild } from 'esbuild'
import { BuildError, bundle } from './bundle.ts'
import { common, layerOutside } from './esbuild-options.ts'
import { lateParts } from './late-parts.ts'
import { buildLayer } from './layer.ts'
import { root } from './paths.ts'

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(root, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tmp/late-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

const optionsOf = (folder: string) => ({
  ...common,
  entryPoints: [join(folder, 'main.ts')],
  outdir: join(folder, 'out'),
  splitting: true,
  external: ['absent'],
})

const main = `import { shared } from './shared.ts'
export const one = async () => [shared, (await import('./one.ts')).one]
export const two = async () => [shared, (await import('./two.ts')).two]
export const three = () => import('./three.ts')
`
const parts = {
  'main.ts': main,
  'shared.ts': `export const shared = { of: 'all' }\n`,
  'one.ts': `import { shared } from './shared.ts'\nexport const one = shared\n`,
  'two.ts': `import { shared } from './shared.ts'\nexport const two = shared\n`,
  'three.ts': `import 'absent'\nexport const three = 3\n`,
}

test('what is imported on demand is one file, which shares its objects with the rest', async t => {
  const folder = folderWith(t, parts)
  const options = optionsOf(folder)
  const { outputs } = await bundle({ ...options, plugins: [await lateParts(options)] })
  const holding = Object.values(outputs).filter(({ inputs }) => Object.keys(inputs).some(path => /one|two/.test(path)))
  assert.equal(holding.length, 1)
  const built = await import(pathToFileURL(join(folder, 'out/main.mjs')).href)
  const [[shared, one], [, two]] = [await built.one(), await built.two()]
  assert.equal(one, shared)
  assert.equal(two, shared)
  await assert.rejects(built.three(), /absent/, 'what needs a missing package fails alone')
})

test('two files on demand that export the same name are refused', async t => {
  const folder = folderWith(t, { ...parts, 'two.ts': `export const one = 1, two = 2\n` })
  await assert.rejects(
    lateParts(optionsOf(folder)),
    error => error instanceof BuildError && /one\.ts and .*two\.ts both export one/.test(error.message),
  )
})

test('a mistake in a source is explained', async t => {
  const folder = folderWith(t, { 'main.ts': `import { missing } from './nowhere.ts'\n` })
  await assert.rejects(
    lateParts(optionsOf(folder)),
    error => error instanceof BuildError && error.message.includes('nowhere.ts'),
  )
})

test('the framework of the layer is a handful of files, and its entries export what their sources do', async t => {
  const modules = folderWith(t, {})
  await buildLayer(modules)
  const { exports } = JSON.parse(readFileSync(join(modules, '@mmf/framework/package.json'), 'utf8'))
  assert.deepEqual(Object.keys(exports), ['.', './http', './aws', './transparency'])
  const atStart = new Set<string>()
  const queue: string[] = Object.values(exports)
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (atStart.has(file)) continue
    atStart.add(file)
    const text = readFileSync(join(modules, '@mmf/framework', file), 'utf8')
    const imported = [...text.matchAll(/(?:from|import)\s*"(?:\.\.?\/)(?:chunks\/)?([A-Z0-9]+\.mjs)"/g)]
    queue.push(...imported.map(([, name]) => `chunks/${name}`))
  }
  assert.ok(atStart.size <= 6, `${atStart.size} files are read at the start: each costs half a millisecond`)
  const all = new Set(await namesIn(join(modules, '@mmf/framework/index.mjs')))
  for (const source of ['index.ts', 'http/index.ts', 'aws.ts']) {
    const missing = (await namesIn(join(root, 'layer/framework/src', source))).filter(name => !all.has(name))
    assert.deepEqual(missing, [], source)
  }
})

async function namesIn(file: string): Promise<readonly string[]> {
  const { metafile } = await esbuild({
    ...common,
    entryPoints: [file],
    outdir: 'unused',
    sourcemap: false,
    packages: 'external',
    plugins: [layerOutside()],
  })
  return Object.values(metafile.outputs)[0]?.exports ?? []
}
