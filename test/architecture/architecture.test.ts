import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkArrows } from '../../tools/architecture/arrows.ts'
import { checkCycles } from '../../tools/architecture/cycles.ts'
import { checkLinks, checkSources, checkTraces } from '../../tools/architecture/hygiene.ts'
import { importsOf } from '../../tools/architecture/imports.ts'
import { checkWords } from '../../tools/architecture/plain-words.ts'
import { checkProduct } from '../../tools/architecture/product.ts'
import { readSources } from '../../tools/architecture/source-tree.ts'
import { describeViolation } from '../../tools/architecture/violation.ts'
import { checkArchitecture } from '../../tools/architecture.ts'
import { root } from '../../tools/build/paths.ts'

/** A tree of files in a folder of its own. */
async function planted(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), 'tree-'))
  t.after(() => rm(tree, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(tree, path)), { recursive: true })
    await writeFile(join(tree, path), text)
  }
  return tree
}

const arrows = async (t: TestContext, path: string, source: string) =>
  checkArrows(readSources(await planted(t, { [path]: source }))).map(v => v.text)

test('the repository is as designed', () => {
  assert.deepEqual(checkArchitecture(root).map(describeViolation), [])
})

// Each planted violation: where it stands, what it says, what must be said about it.
const forbidden: readonly (readonly [string, string, RegExp])[] = [
  ['layer/pki/src/a.ts', `import { z } from 'zod'`, /pki must not import zod/],
  ['layer/pki/src/a.ts', `import { readFile } from 'node:fs/promises'`, /pki must not import node:fs/],
  [
    'layer/pki/src/a.ts',
    `import type { Clock } from '@mmf/framework'`,
    /pki must not import @mmf\/framework as a type/,
  ],
  ['layer/pki/src/a.ts', `export * from '../../framework/src/index.ts'`, /pki must not import framework/],
  [
    'layer/framework/src/keys/a.ts',
    `import type { KMSClient } from '@aws-sdk/client-kms'`,
    /@aws-sdk\/client-kms as a type/,
  ],
  ['layer/framework/src/keys/kms-a.ts', `import { SignCommand } from '@aws-sdk/client-kms'`, /@aws-sdk\/client-kms$/],
  ['layer/framework/src/keys/a.ts', `import middy from '@middy/core'`, /framework must not import @middy\/core/],
  ['layer/framework/src/a.ts', `import { marty } from '@marty/plugin'`, /framework must not import @marty\/plugin/],
  ['layer/framework/src/a.ts', `import { App } from 'aws-cdk-lib'`, /aws-cdk-lib/],
  ['plugins/marty/a.ts', `import { x } from '@mmf/framework/aws'`, /plugins must not import @mmf\/framework\/aws/],
  ['plugins/marty/a.ts', `import { x } from '../other/plugin.ts'`, /a plugin imports another one/],
  ['plugins/marty/a.ts', `import { x } from '../../layer/pki/src/errors.ts'`, /plugins must not import pki/],
  ['plugins/marty/a.ts', `const x = await import('@aws-sdk/client-s3')`, /@aws-sdk\/client-s3/],
  ['handlers/a.ts', `import { App } from 'aws-cdk-lib'`, /handlers must not import aws-cdk-lib/],
  ['handlers/a.ts', `import { x } from '@mmf/framework/embedded'`, /@mmf\/framework\/embedded/],
  ['handlers/a.ts', `import { x } from '../infra/local/main.ts'`, /handlers must not import infra\/local/],
  ['infra/local/a.ts', `import { App } from 'aws-cdk-lib'`, /infra\/local must not import aws-cdk-lib/],
  ['infra/local/a.ts', `import { x } from '../../test/x.ts'`, /must not import tests/],
  ['infra/aws/a.ts', `import { x } from '../../plugins/marty/plugin.ts'`, /a path into another package/],
]

for (const [path, source, expected] of forbidden) {
  test(`forbidden: ${path}: ${source}`, async t => {
    const [first = '', ...others] = await arrows(t, path, source)
    assert.deepEqual(others, [])
    assert.match(first, expected)
  })
}

test('allowed: what the design names', async t => {
  const allowed: readonly (readonly [string, string])[] = [
    ['layer/pki/src/a.ts', `import { createHash } from 'node:crypto'`],
    ['layer/framework/src/keys/kms-a.ts', `import type { KMSClient } from '@aws-sdk/client-kms'`],
    ['layer/framework/src/http/a.ts', `import middy from '@middy/core'`],
    ['plugins/marty/a.ts', `import { x } from './b.ts'\nimport * as z from 'zod'\nimport { y } from '@mmf/pki'`],
    ['handlers/a.ts', `import { KMSClient } from '@aws-sdk/client-kms'\nimport { plugins } from '../plugins/index.ts'`],
    ['infra/aws/a.ts', `import { App } from 'aws-cdk-lib'`],
  ]
  for (const [path, source] of allowed) assert.deepEqual(await arrows(t, path, source), [], `${path}: ${source}`)
})

test('imports are found in every form, and not in comments', () => {
  const source = `import a from 'a'
import * as b from 'b'
import {
  c,
  type C,
} from 'c'
import type { D } from 'd'
import { type E } from 'e'
import 'f'
export * from 'g'
export type { H } from 'h'
const i = await import('i')
// import x from 'no'
/* import y from 'no' */
`
  assert.deepEqual(
    importsOf(source).map(({ specifier, typeOnly }) => `${specifier}${typeOnly ? ' (type)' : ''}`),
    ['a', 'b', 'c', 'd (type)', 'e (type)', 'f', 'g', 'h (type)', 'i'],
  )
  assert.equal(importsOf(source).at(3)?.line, 7)
})

test('circles of values are found; those of types in the framework and the plugins', async t => {
  const values = await planted(t, {
    'tools/a.ts': `import { b } from './b.ts'`,
    'tools/b.ts': `export * from './a.ts'`,
  })
  assert.match(checkCycles(readSources(values))[0]?.text ?? '', /a\.ts → tools\/b\.ts → tools\/a\.ts/)
  const types = await planted(t, {
    'tools/a.ts': `import type { B } from './b.ts'`,
    'tools/b.ts': `export * from './a.ts'`,
  })
  assert.deepEqual(checkCycles(readSources(types)), [])
  for (const zone of ['plugins', 'layer/framework/src', 'layer/pki/src']) {
    const strict = await planted(t, {
      [`${zone}/a.ts`]: `import type { B } from './b.ts'`,
      [`${zone}/b.ts`]: `import type { A } from './a.ts'`,
    })
    assert.equal(checkCycles(readSources(strict)).length, 1, zone)
  }
})

test('test-only code in the product is found, however far away', async t => {
  const tree = await planted(t, {
    'handlers/a.ts': `import { x } from '@mmf/framework'`,
    'layer/framework/src/index.ts': `export { x } from './b.ts'`,
    'layer/framework/src/b.ts': `import { y } from './testing/fakes.ts'`,
    'layer/framework/src/testing/fakes.ts': `export const y = 1`,
  })
  assert.deepEqual(
    checkProduct(readSources(tree)).map(v => v.file),
    ['layer/framework/src/testing/fakes.ts'],
  )
})

test('long files, default exports, machine paths and dead links are found', async t => {
  const tree = await planted(t, {
    'tools/long.ts': 'const a = 1\n'.repeat(401),
    'tools/default.ts': 'export default 1\n',
    'docs/a.md': `[good](b.md#two-words) [no file](c.md) [no heading](b.md#three) [outside](https://example.org)\n`,
    'docs/b.md': '## Two words\n',
    'docs/c.txt': ['see', '/home', 'ann/notes'].join('').replace('see', 'see ').replace('homeann', 'home/ann'),
  })
  assert.deepEqual(
    checkSources(readSources(tree)).map(v => v.rule),
    ['exports', 'length'],
  )
  const files = ['docs/a.md', 'docs/b.md', 'docs/c.txt']
  assert.deepEqual(
    checkLinks(tree, files).map(v => v.text),
    ['the link c.md leads nowhere', 'b.md has no heading #three'],
  )
  assert.deepEqual(
    checkTraces(tree, files).map(v => v.file),
    ['docs/c.txt'],
  )
})

test('riddles in comments of the product, names of tests and pages are found, and not in code, names, comments of tests or examples', async t => {
  const tree = await planted(t, {
    'handlers/a.ts': [
      '/** Called by whoever asks. */',
      "const told = 'nobody'",
      'const b = 1 // Somebody else changed it.',
      '/* The answer has `told`, which is its name. */',
      '/**',
      ' * Each list is told once.',
      ' */',
    ].join('\n'),
    'handlers/a.test.ts': [
      '// nobody asks',
      "it.skip('asks `told`, and n' + 'obody', () => assert.equal(who, 'nobody'))",
      'test(',
      "  'one that somebody has\\'s \\'', () => 1)",
      'describe(',
      '  `for nobody`, () => {})',
    ].join('\n'),
    'layer/framework/src/testing/a.ts': '// whoever asks\n',
    'docs/a.md': 'For a person.\n\n```json\n{"told":0}\n```\n\nThe field `told`.\nNobody trusts it.\n',
    'docs/generated/a.md': 'Nobody writes this.\n',
  })
  const found = checkWords(tree, readSources(tree), ['docs/a.md', 'docs/generated/a.md'])
  assert.deepEqual(
    found.map(({ file, line, text }) => `${file}:${line} ${/"(\w+)"/.exec(text)?.[1]}`),
    [
      'handlers/a.ts:1 whoever',
      'handlers/a.ts:3 Somebody',
      'handlers/a.ts:6 told',
      'handlers/a.test.ts:4 somebody',
      'handlers/a.test.ts:6 nobody',
      'docs/a.md:8 Nobody',
    ],
  )
})
