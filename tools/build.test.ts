import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { build as esbuild } from 'esbuild'
import { foreignParts } from './build/budgets.ts'
import { BuildError } from './build/bundle.ts'
import { common, layerOutside } from './build/esbuild-options.ts'
import { handlerOptions } from './build/handlers.ts'
import type { BuildMeta } from './build/meta.ts'
import { root } from './build/paths.ts'
import { workspaces } from './build/workspaces.ts'
import { type BuildTarget, build } from './build.ts'

const run = promisify(execFile)

/** A folder below the repository, so that packages resolve from it, with some handlers. */
function workshop(t: TestContext, handlers: Readonly<Record<string, string>>): BuildTarget {
  mkdirSync(join(root, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tmp/build-'))
  t.after(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'handlers'))
  for (const [name, text] of Object.entries(handlers)) writeFileSync(join(folder, 'handlers', name), text)
  return { out: join(folder, 'dist'), handlers: join(folder, 'handlers'), config: join(root, 'config') }
}

const greeting = `import { MmfError } from '@mmf/framework'
import { createFunctionHandler } from '@mmf/framework/http'
import * as z from 'zod'
import { word } from './shared.ts'
export const handler = async () => z.strictObject({ word: z.string() }).parse({ word })
export const parts = { MmfError, createFunctionHandler }
`
const shared = `export const word = 'hello'\n`

function digestOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const hash = createHash('sha256')
  for (const file of files)
    if (statSync(join(folder, file)).isFile()) hash.update(file).update(readFileSync(join(folder, file)))
  return hash.digest('hex')
}

test('a handler of a few lines becomes a small file that stock Node runs against the built layer', async t => {
  const target = workshop(t, { 'greeting.ts': greeting, 'shared.ts': shared })
  const meta = await build(target)
  const outputs = Object.keys(meta.handlers.outputs)
  assert.deepEqual(
    outputs.map(file => file.split('/').at(-1)),
    ['greeting.mjs'],
    'shared code is no function',
  )
  const file = join(target.out, 'handlers/greeting.mjs')
  assert.ok(statSync(file).size < 1000, `${statSync(file).size} bytes`)
  const module = await import(pathToFileURL(file).href)
  assert.deepEqual(await module.handler(), { word: 'hello' })
  // The layer's entries share their code: an error made by one is known to the other.
  const framework = await import(
    pathToFileURL(join(target.out, 'layer/nodejs/node_modules/@mmf/framework/index.mjs')).href
  )
  assert.equal(framework.MmfError, module.parts.MmfError)
  assert.deepEqual(foreignParts(meta), [])
  const base = JSON.parse(readFileSync(join(target.out, 'layer/config/base.json'), 'utf8'))
  assert.equal(base.default.server.port, 8080)
})

test('a file on demand is a bundle of its own, read when a handler asks for it', async t => {
  const handler = `export const handler = async () => (await import('./on-demand/late.ts')).late()\n`
  const target = workshop(t, { 'caller.ts': handler })
  const folder = join(target.handlers, 'on-demand')
  mkdirSync(folder)
  writeFileSync(join(folder, 'late.ts'), `export const late = () => 'late'\n`)
  const { handlers } = await build(target)
  assert.deepEqual(Object.keys(handlers.outputs), ['handlers/caller.mjs', 'handlers/on-demand/late.mjs'])
  const built = join(target.out, 'handlers')
  const module = await import(pathToFileURL(join(built, 'caller.mjs')).href)
  writeFileSync(join(built, 'on-demand/late.mjs'), `export const late = () => 'read afterwards'\n`)
  assert.equal(await module.handler(), 'read afterwards')
})

test('node:http comes without undici, by import and on demand', async t => {
  const source = `import { request } from 'node:http'
export const handler = async () => [typeof request, typeof (await import('node:http')).Agent]
`
  const target = workshop(t, { 'caller.ts': source })
  await build(target)
  const script = `const { handler } = await import(process.argv[1])
    console.log(JSON.stringify([...(await handler()), ...process.moduleLoadList.filter(name => name.includes('undici'))]))`
  const file = pathToFileURL(join(target.out, 'handlers/caller.mjs')).href
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script, file], { encoding: 'utf8' })
  assert.deepEqual(JSON.parse(printed), ['function', 'function'])
})

test('Node makes no module record of its own modules for what is bundled', async t => {
  const source = `import crypto, { createHash, webcrypto } from 'node:crypto'
import { basename } from 'path'
export const handler = async () => [createHash === crypto.createHash, webcrypto === globalThis.crypto, basename('/a/b')]
`
  const target = workshop(t, { 'caller.ts': source })
  const { handlers } = await build(target)
  assert.deepEqual(handlers.outputs['handlers/caller.mjs']?.imports, [])
  const { handler } = await import(pathToFileURL(join(target.out, 'handlers/caller.mjs')).href)
  assert.deepEqual(await handler(), [true, true, 'b'])
})

test('a bundled SDK client calls over HTTP, with the credentials of its environment and without undici', async t => {
  const source = `import { dynamodb } from '../../../handlers/clients/dynamodb.ts'
const { client, commands } = dynamodb()
export const handler = () => client.send(new commands.GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } } }))`
  const target = workshop(t, { 'caller.ts': source })
  await build(target)
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.headers['x-amz-target']} ${request.headers.authorization?.split('/')[0]}`)
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"Item":{"id":{"S":"a"}}}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => server.close())
  const script = `const { handler } = await import(process.argv[1])
    const { Item } = await handler()
    console.log(JSON.stringify([Item, process.moduleLoadList.filter(name => name.includes('undici'))]))`
  const env = {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'KEY',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_DYNAMODB: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  }
  const file = pathToFileURL(join(target.out, 'handlers/caller.mjs')).href
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, file], { env })
  assert.deepEqual(JSON.parse(stdout), [{ id: { S: 'a' } }, []])
  assert.deepEqual(asked, ['DynamoDB_20120810.GetItem AWS4-HMAC-SHA256 Credential=KEY'])
})

test('the SDK is bundled without wrappers around its modules', async () => {
  const contents = `export { DynamoDBClient } from '@aws-sdk/client-dynamodb'`
  const stdin = { contents, resolveDir: root }
  const whole = (rules: object) => esbuild({ ...common, ...rules, minify: false, sourcemap: false, stdin })
  const wrappers = ({ outputFiles: [file] }: Awaited<ReturnType<typeof whole>>) =>
    file?.text.match(/__esm\(\{/g)?.length ?? 0
  assert.ok(wrappers(await whole({})) > 100, 'without our rules there are wrappers')
  const ours = await whole(handlerOptions)
  assert.equal(wrappers(ours), 0)
  const dynamic = ours.outputFiles[0]?.text.match(/\bimport\([^)]*\)/g) ?? []
  assert.ok(dynamic.length > 0)
  for (const call of dynamic) assert.match(call, /\("@(aws-sdk|smithy)\/credential-provider-[a-z-]+"\)/)
})

test('the same sources give the same bytes', async t => {
  const target = workshop(t, { 'greeting.ts': greeting, 'shared.ts': shared })
  const again = { ...target, out: `${target.out}-again` }
  await build(target)
  await build(again)
  for (const part of ['layer', 'handlers']) {
    assert.equal(digestOf(join(target.out, part)), digestOf(join(again.out, part)), part)
  }
})

const refused: readonly (readonly [string, string, RegExp])[] = [
  [
    'a function of zod that the layer does not hold',
    `import * as z from 'zod'\nexport const handler = async () => z.creditCard()\n`,
    /handlers\/planted\.ts:2:\d+: zod's "creditCard" is not in the layer; .*curated-zod\.ts/,
  ],
  [
    'the same, imported by name',
    `import { creditCard } from 'zod'\nexport const handler = async () => creditCard()\n`,
    /handlers\/planted\.ts:1:\d+: zod's "creditCard" is not in the layer/,
  ],
  [
    'an entry of the framework that no function has',
    `import { createSqliteDatabase } from '@mmf/framework/embedded'\nexport const handler = async () => createSqliteDatabase\n`,
    /@mmf\/framework\/embedded is not in the layer; it holds .*@mmf\/framework\/http/,
  ],
  [
    'what node:http would load undici for',
    `import { WebSocket } from 'node:http'\nexport const handler = WebSocket\n`,
    /No matching export in "plain-builtins:node:http" for import "WebSocket"/,
  ],
  ['a package that does not exist', `import x from 'no-such-package'\nexport const handler = x\n`, /no-such-package/],
  ['a folder without any handler', `export const other = 1\n`, /no file in handlers\/ exports a handler/],
]

for (const [what, source, expected] of refused) {
  test(`the build refuses ${what}, and leaves the last good output as it was`, async t => {
    const target = workshop(t, { 'planted.ts': source })
    mkdirSync(target.out)
    writeFileSync(join(target.out, 'good'), '')
    await assert.rejects(build(target), error => {
      assert.ok(error instanceof BuildError, String(error))
      assert.match(error.message, expected)
      return true
    })
    assert.deepEqual(readdirSync(target.out), ['good'])
    assert.deepEqual(readdirSync(join(target.out, '..')).sort(), ['dist', 'handlers'])
  })
}

test('the build refuses a malformed configuration file, with its line', async t => {
  const target = workshop(t, { 'greeting.ts': greeting, 'shared.ts': shared })
  const config = join(target.out, '../config')
  mkdirSync(config)
  writeFileSync(join(config, 'base.yaml'), 'default:\n  a: 1\n  a: 2\n')
  await assert.rejects(build({ ...target, config }), /base\.yaml:3:3 at key "a"/)
})

test('parts that do not belong are found', () => {
  const output = (...inputs: string[]) => ({
    bytes: 1,
    imports: [],
    inputs: Object.fromEntries(inputs.map(input => [input, { bytesInOutput: 1 }])),
  })
  const meta: BuildMeta = {
    layer: {
      outputs: { 'l.mjs': output('layer/pki/src/a.ts', 'node_modules/@aws-sdk/core/a.js', 'node_modules/jose/a.js') },
    },
    handlers: {
      outputs: {
        'h.mjs': output(
          'layer/pki/src/a.ts',
          'node_modules/jose/a.js',
          'node_modules/a/i.js',
          'node_modules/b/node_modules/a/i.js',
        ),
      },
    },
  }
  assert.deepEqual(foreignParts(meta), [
    'the layer holds @aws-sdk/core',
    'h.mjs holds layer code: layer/pki/src/a.ts',
    'h.mjs and the layer both hold jose',
    'a from  and node_modules/b/',
  ])
})

test('a plugin definition loads the framework contract, pki and zod, and nothing else', async () => {
  const plugins = workspaces.filter(({ manifest }) => manifest.mmf !== undefined)
  assert.ok(plugins.length > 0)
  for (const { folder, manifest } of plugins) {
    // Its own files, and those of the plugins whose packages it depends on.
    const own = [
      folder,
      ...plugins.flatMap(other => (other.name in (manifest.dependencies ?? {}) ? [other.folder] : [])),
    ]
    const { metafile } = await esbuild({
      ...common,
      entryPoints: (manifest.mmf?.plugins ?? []).map(module => join(root, folder, module)),
      outdir: 'unused',
      sourcemap: false,
      plugins: [layerOutside()],
    })
    const inputs = Object.keys(metafile.inputs)
    assert.deepEqual(
      inputs.filter(input => !own.some(allowed => input.startsWith(`${allowed}/`))),
      [],
    )
    const external = Object.values(metafile.outputs).flatMap(o => o.imports.filter(i => i.external).map(i => i.path))
    const unexpected = external.filter(path => !/^(@mmf\/framework(\/transparency)?|@mmf\/pki|zod|node:.*)$/.test(path))
    assert.deepEqual([...new Set(unexpected)], [])
  }
})

test('the contract of the framework loads zod and Node alone, the YAML parser and elliptic curves on demand', async () => {
  const { metafile } = await esbuild({
    ...common,
    entryPoints: [join(root, 'layer/framework/src/index.ts')],
    outdir: 'unused',
    sourcemap: false,
    treeShaking: true,
    external: ['yaml', '@noble/curves/*'],
    splitting: true,
    plugins: [layerOutside('@mmf/framework')],
  })
  const packages = Object.keys(metafile.inputs).filter(input => input.includes('node_modules/'))
  assert.deepEqual(packages, [])
  const atStart = new Set<string>()
  const queue = Object.keys(metafile.outputs).filter(file => metafile.outputs[file]?.entryPoint?.endsWith('/index.ts'))
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const statically = metafile.outputs[file]?.imports.filter(({ kind }) => kind === 'import-statement') ?? []
    for (const { path, external } of statically) if (!atStart.has(path)) external ? atStart.add(path) : queue.push(path)
  }
  assert.deepEqual(
    [...atStart].filter(path => !path.startsWith('node:')),
    ['zod'],
  )
})

test('the adapters of one place are not loaded in the other, though one function assembles both', async () => {
  const inputsOf = async (entry: string) => {
    const { metafile } = await esbuild({
      ...common,
      entryPoints: [join(root, 'layer/framework/src', entry)],
      outdir: 'unused',
      sourcemap: false,
      packages: 'external',
    })
    const outputs = Object.values(metafile.outputs)
    return outputs.flatMap(output => Object.keys(output.inputs)).map(file => file.replace('layer/framework/src/', ''))
  }
  const [embedded, aws] = [await inputsOf('embedded.ts'), await inputsOf('aws.ts')]
  const ofAws = /^aws\/|\/(dynamodb|kms|s3|eventbridge|lambda|secrets-manager|powertools|xray)-/
  const ofThisMachine = /\/(sqlite|files|embedded|local|prometheus)-/
  for (const inputs of [embedded, aws]) assert.ok(inputs.includes('http/assemble-platform.ts'))
  assert.ok(aws.some(file => ofAws.test(file)) && embedded.some(file => ofThisMachine.test(file)))
  assert.deepEqual(
    embedded.filter(file => ofAws.test(file)),
    [],
  )
  assert.deepEqual(
    aws.filter(file => ofThisMachine.test(file)),
    [],
  )
})
