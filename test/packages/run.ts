import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../../tools/build/paths.ts'
import { buildPackages, publishedPackages } from '../../tools/pack/packages.ts'
import { transcript } from '../docs/plugin-walk.ts'
import { authorIn } from './author-folder.ts'
import {
  checkCommandLine,
  checkContents,
  checkImports,
  checkMlDsa,
  checkReadme,
  checkTypes,
  checkWithPublint,
} from './checks.ts'
import { openFreshFolder, registryMissing } from './fresh-folder.ts'
import { walkThePage } from './page-walk.ts'

/** The oldest Node that the packages are for, as npm has it; the newest is the one that runs this. */
const oldNode = 'node@22.23.3'
const typesChecker = '@arethetypeswrong/cli@0.18.5'

let passed = 0
let failed = 0
const skipped: string[] = []

async function step(name: string, work: () => void | Promise<void>): Promise<void> {
  try {
    await work()
    passed += 1
    console.log(`✔ ${name}`)
  } catch (error) {
    failed += 1
    console.log(`✖ ${name}\n${String(error instanceof Error ? error.message : error).replace(/^/gm, '    ')}`)
  }
}

/** Packs each package in a folder of its own, looks into it, and gives the archives. */
async function packAll(target: string): Promise<readonly string[]> {
  const archives: string[] = []
  const folders = await buildPackages(target)
  const folder = openFreshFolder()
  for (const [name, source] of folders) {
    const [packed] = JSON.parse(folder.run('npm', 'pack', source, '--json', '--pack-destination', target)) as [
      { filename: string; files: { path: string }[] },
    ]
    archives.push(join(target, packed.filename))
    await step(`${name}: publint finds nothing`, () => checkWithPublint(source))
    const files = packed.files.map(({ path }) => path)
    await step(`${name}: holds code, declarations, README and licence alone`, () =>
      name === '@mmf/cli' ? checkCommandLine(files) : checkContents(files),
    )
  }
  folder.remove()
  return archives
}

const isProgram = (archive: string): boolean => /mmf-cli-[^/]*$/.test(archive)

/** From an empty folder to the first HTTP call, and on to the templates of a deployment. */
async function authored(archives: readonly string[]): Promise<void> {
  const folder = openFreshFolder()
  try {
    const started = performance.now()
    const seconds = () => ((performance.now() - started) / 1000).toFixed(1)
    folder.install(...archives.filter(archive => /mmf-[^/]*$/.test(archive)))
    const installedAfter = seconds()
    const author = authorIn(folder)
    await step('author: a new plugin is found and valid', author.begin)
    await step('author: it answers an HTTP call', author.answer)
    console.log(
      `    ${seconds()} s from the empty folder to the first HTTP calls, ${installedAfter} s of them for npm install`,
    )
    await step('author: it compiles', author.types)
    await step('author: its test passes', author.test)
    await step('author: it is synthesised', author.synthesise)
  } finally {
    folder.remove()
  }
}

async function installed(archives: readonly string[]): Promise<void> {
  const folder = openFreshFolder()
  const tools = openFreshFolder()
  try {
    const { version } = (await import(join(root, 'node_modules/@types/node/package.json'), { with: { type: 'json' } }))
      .default as { version: string }
    const libraries = archives.filter(archive => !isProgram(archive))
    folder.install(...libraries, `@types/node@${version}`)
    tools.install(oldNode, typesChecker)
    const old = join(tools.path, 'node_modules/.bin/node')
    const nodes = [old, process.execPath]
    assert.match(folder.run(old, '--version'), /^v22\./)
    for (const node of nodes) {
      const label = `Node ${folder.run(node, '--version').trim().slice(1)}`
      await step(`${label}: every entry is imported`, () => checkImports(folder, node, publishedPackages))
      for (const workspace of publishedPackages) {
        await step(`${label}: the README of ${workspace.name} holds`, () => checkReadme(folder, node, workspace))
      }
      await step(`${label}: ML-DSA`, () => checkMlDsa(folder, node, node === old ? 'unavailable' : 'valid'))
    }
    const optional = publishedPackages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {}))
    await step('declarations fit', () => checkTypes(folder, publishedPackages, optional))
    for (const archive of libraries) {
      await step(`attw ${archive.split('/').at(-1)}`, () => {
        tools.run(join(tools.path, 'node_modules/.bin/attw'), archive, '--profile', 'esm-only', '--no-color')
      })
    }
  } finally {
    folder.remove()
    tools.remove()
  }
}

/** The page for authors, as it stands there; its transcript is kept when `--walk` asks for this alone. */
const walk = (packages: string, keep: boolean): Promise<void> =>
  step(
    'author: the page leads from an empty folder to the first HTTP call in two minutes of processor time',
    async () => {
      const text = await walkThePage(packages)
      if (keep) writeFileSync(join(root, transcript), text)
    },
  )

/** `npm run test:packages`: what a user of the published packages meets. Ends with `N passed, N failed, N skipped`. */
async function main(walkAlone: boolean): Promise<number> {
  const target = mkdtempSync(join(tmpdir(), 'packed-'))
  try {
    const archives = walkAlone ? [] : await packAll(target)
    if (walkAlone) await buildPackages(target)
    const missing = registryMissing(oldNode)
    if (missing === undefined) await walk(target, walkAlone)
    if (missing === undefined && !walkAlone) {
      await step("install in an author's folder", () => authored(archives))
      await step('install in a fresh folder', () => installed(archives))
    }
    if (missing !== undefined) skipped.push(`install in a fresh folder: no registry answers (${missing})`)
  } finally {
    rmSync(target, { recursive: true, force: true })
  }
  for (const reason of skipped) console.log(`skipped ${reason}`)
  console.log(`${passed} passed, ${failed} failed, ${skipped.length} skipped`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main(process.argv.includes('--walk'))
