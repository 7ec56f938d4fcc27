import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readPage } from './pages.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

/** Pages on which every block of TypeScript is a file that compiles; what says what it prints, or is a test, is run. */
const pages = ['docs/plugin-api.md', 'docs/migration.md', 'docs/runbooks/key-rotation.md'].map(readPage)

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
