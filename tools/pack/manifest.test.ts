import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Manifest, workspaceOf } from '../build/workspaces.ts'
import { publishedManifest } from './manifest.ts'

const packed = (source: string): string => source.replace('layer/a/src', 'lib').replace('.ts', '.js')

function published(members: Partial<Manifest>, code: string, types = '') {
  const manifest = { name: 'a', version: '1.0.0', description: '', license: 'Apache-2.0', ...members }
  const workspace = { name: 'a', folder: 'layer/a', manifest, entries: { '.': 'layer/a/src/index.ts' } }
  const files = [
    { path: 'lib/index.js', text: code },
    { path: 'lib/index.d.ts', text: types },
  ]
  return publishedManifest(workspace, files, packed)
}

test('entries are compiled files with their declarations, and packages of this repository come at their exact version', () => {
  const code = `import { table } from '@mmf/framework/http';\nimport { join } from 'node:path';\nexport * from './x.js';`
  const manifest = published({ dependencies: { zod: '4.0.0' } }, `${code}\nimport * as z from 'zod';`)
  assert.deepEqual(manifest.exports['.' as keyof typeof manifest.exports], {
    types: './lib/index.d.ts',
    default: './lib/index.js',
  })
  assert.deepEqual(manifest.dependencies, {
    '@mmf/framework': workspaceOf('@mmf/framework').manifest.version,
    zod: '4.0.0',
  })
})

test('a package that code or declarations name must be declared, and one that is declared must be named', () => {
  assert.throws(() => published({}, `const x = await import("jose/jwk");`), /a imports jose, which/)
  assert.throws(() => published({}, '', `export type { X } from 'aws-lambda';`), /a imports aws-lambda, which/)
  assert.throws(() => published({ dependencies: { jose: '6.0.0' } }, '// import "jose"'), /a depends on jose, which/)
  const types = { dependencies: { '@types/aws-lambda': '8.0.0' } }
  assert.deepEqual(published(types, '', `export type { X } from 'aws-lambda';`).dependencies, types.dependencies)
})
