import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { isMmfError, type PluginDefinition, PluginManager, type Principal, pluginOf } from '@mmf/framework'
import { openapiOf } from '@mmf/framework/http'
import { resourcesOf } from '@mmf/framework/internal'
import { createTestPlatform, recordingObservability, testCall } from '@mmf/framework/testing'
import { build } from 'esbuild'
import { publishedPackages } from '../../tools/pack/packages.ts'
import { readPage } from './pages.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

/** Pages on which every block of TypeScript is a file that compiles; what says what it prints, or is a test, is run. */
const pages = [
  'docs/plugin-api.md',
  'docs/migration.md',
  'docs/runbooks/key-rotation.md',
  // What the registry shows of each package.
  ...publishedPackages.map(({ folder }) => `${folder}/README.md`),
].map(readPage)

describe('examples', () => {
  let workshop: Workshop
  before(() => {
    workshop = openWorkshop(pages)
  })
  after(() => workshop.remove())

  it('every block of TypeScript names a file, and no file is there twice', () => {
    const blocks = pages.flatMap(({ path, blocks }) => blocks.map(block => ({ ...block, path })))
    const nameless = blocks.filter(({ language, file }) => language === 'ts' && file === undefined)
    assert.deepEqual(
      nameless.map(({ path, line }) => `${path}:${line}`),
      [],
    )
    const files = blocks.flatMap(({ file }) => (file === undefined ? [] : [file]))
    assert.deepEqual(files, [...new Set(files)])
    for (const { path } of pages) assert.ok(blocks.some(block => block.path === path && block.file !== undefined))
  })

  it('compile', async () => {
    assert.equal(await workshop.typeErrors(), '')
  })

  it('decorators.ts does what a list of concerns does, once a bundler has lowered it', async () => {
    const outfile = join(workshop.folder, 'decorators.mjs')
    const entryPoints = [join(workshop.folder, 'decorators.ts')]
    await build({ entryPoints, outfile, bundle: true, packages: 'external', format: 'esm', target: 'es2022' })
    const { Signer } = await import(pathToFileURL(outfile).href)
    const observability = recordingObservability()
    const context = { plugin: { metricPrefix: 'toy' }, observability }
    const as = (principal: Partial<Principal>) => ({ context, call: testCall({ principal }), labels: new Map() })
    const signer = { subject: 'ann', roles: ['document_signer'], permissions: ['sign_documents'] }

    assert.equal(await new Signer().signDocument('it', as(signer)), 'signed it for ann')
    await assert.rejects(new Signer().signDocument('it', as({})), error => isMmfError(error, 'role_missing'))

    assert.deepEqual(
      [...observability.counts.keys()],
      ['toy_document_sign_requests_total{status="success"}', 'toy_document_sign_requests_duration_seconds{}'],
    )
    assert.deepEqual(
      observability.spans.map(({ name }) => name),
      ['sign_document'],
    )
  })

  it('plugins/mailroom is a plugin like any other, once the command of the page has lowered its decorators', async t => {
    const outfile = join(workshop.folder, 'plugins/mailroom/dist/plugin.js')
    const entryPoints = [join(workshop.folder, 'plugins/mailroom/plugin.ts')]
    const options = { bundle: true, packages: 'external', format: 'esm', platform: 'node', target: 'es2022' } as const
    await build({ entryPoints, outfile, ...options })
    const { mailroom } = (await import(pathToFileURL(outfile).href)) as { mailroom: PluginDefinition }
    const platform = await createTestPlatform({ plugins: [mailroom], configs: { mailroom: { greeting: 'Hello' } } })
    t.after(() => platform.close())
    const plugin = pluginOf(mailroom)
    const manager = new PluginManager(platform)
    await manager.loadPluginInstance(plugin, 'mailroom')
    await manager.startPlugin('mailroom')
    const service = plugin.getService('mailroom') as unknown as Record<
      string,
      (i: object, c: object) => Promise<object>
    >
    const clerk = testCall({ principal: { roles: ['clerk'] } })

    assert.deepEqual(await service['sendLetter']?.({ id: 'a', text: 'Bob' }, clerk), { id: 'a', text: 'Hello Bob' })
    assert.deepEqual(await service['findLetter']?.({ id: 'a' }, testCall()), { id: 'a', text: 'Hello Bob' })
    await assert.rejects(
      async () => service['sendLetter']?.({ id: 'b', text: '' }, testCall()),
      error => isMmfError(error, 'role_missing'),
    )
    assert.equal(platform.observability.counts.get('mailroom_letters_sent_total{status="success"}'), 1)
    const { paths } = (await openapiOf([mailroom])) as { paths: Record<string, Record<string, { responses: object }>> }
    assert.deepEqual(Object.keys(paths['/v1/letters']?.['post']?.responses ?? {}), ['201', '429', '503', 'default'])
    assert.deepEqual(
      resourcesOf(mailroom).events.map(({ name }) => name),
      ['letters_audited', 'letter_sent'],
    )
  })

  for (const { path, blocks } of pages) {
    for (const [index, { file, line, language }] of blocks.entries()) {
      if (file === undefined || language !== 'ts') continue
      const output = blocks[index + 1]
      if (file.endsWith('.test.ts')) {
        it(`${path}:${line} ${file} passes`, async () => {
          assert.match(await workshop.run(file, { flags: ['--test', '--test-reporter=tap'] }), /^# pass [1-9]\d*$/m)
        })
      } else if (output?.isOutput === true) {
        it(`${path}:${line} ${file} prints what the page says`, async () => {
          assert.equal(await workshop.run(file), output.text)
        })
      }
    }
  }
})
