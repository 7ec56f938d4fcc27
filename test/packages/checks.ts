import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { root } from '../../tools/build/paths.ts'
import type { Workspace } from '../../tools/build/workspaces.ts'
import { readPage } from '../docs/pages.ts'
import type { FreshFolder } from './fresh-folder.ts'

const specifiersOf = ({ name, entries }: Workspace): readonly string[] =>
  Object.keys(entries).map(subpath => name + subpath.slice(1))

/** What publint says of a package that is ready to be packed. */
export async function checkWithPublint(folder: string): Promise<void> {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: 'npm' })
  assert.deepEqual(
    messages.map(message => formatMessage(message, pkg, { color: false })),
    [],
  )
}

/** A package holds its code, declarations, README and licence, and nothing else; least of all tests. */
export function checkContents(files: readonly string[]): void {
  for (const file of ['package.json', 'README.md', 'LICENSE']) assert.ok(files.includes(file), file)
  const foreign = files.filter(
    file =>
      !/^(package\.json|README\.md|LICENSE|lib\/.*(\.js|\.js\.map|\.d\.ts)|lib\/plugin\.yaml|lib\/plugin\.schema\.json)$/.test(
        file,
      ),
  )
  assert.deepEqual(foreign, [])
  assert.deepEqual(
    files.filter(file => /\.(test|fixture|bench)\./.test(file)),
    [],
  )
}

/** The command line is a program: compiled code, with what its build reads as it is. */
export function checkCommandLine(files: readonly string[]): void {
  for (const file of ['README.md', 'LICENSE', 'lib/cli/bin/mmf-cli.mjs', 'lib/cli/main.js'])
    assert.ok(files.includes(file), file)
  const asItIs = /^lib\/(handlers\/.*\.ts|tools\/build\/(curated-zod|whole-framework)\.ts|cli\/templates\/.*\.txt)$/
  const rest =
    /^(package\.json|README\.md|LICENSE|lib\/cli\/(bin\/mmf-cli\.mjs|package\.json)|lib\/cdk\.json|lib\/config\/base\.yaml)$/
  const compiled = /^lib\/(cli|infra|tools)\/.*\.js$/
  const allowed = (file: string) => [asItIs, rest, compiled].some(pattern => pattern.test(file))
  assert.deepEqual(
    files.filter(file => !allowed(file) || /\.(test|fixture|bench)\.(js|ts)$/.test(file)),
    [],
  )
}

/** Every entry can be imported, on this Node, without a package that is optional; of `fast-check` the contracts alone make use. */
export function checkImports(folder: FreshFolder, node: string, packages: readonly Workspace[]): void {
  const specifiers = packages.flatMap(specifiersOf).filter(specifier => !specifier.endsWith('/contracts'))
  writeFileSync(
    join(folder.path, 'import-all.js'),
    `for (const name of ${JSON.stringify(specifiers)}) console.log(name, Object.keys(await import(name)).length > 0)`,
  )
  assert.equal(folder.run(node, 'import-all.js'), specifiers.map(name => `${name} true\n`).join(''))
}

/** The examples of a README print what it says, with the installed packages. */
export function checkReadme(folder: FreshFolder, node: string, workspace: Workspace): void {
  const { blocks } = readPage(`${workspace.folder}/README.md`)
  for (const [index, { file, language, text }] of blocks.entries()) {
    if (language !== 'ts' || file === undefined) continue
    writeFileSync(join(folder.path, file), text)
    assert.equal(folder.run(node, file), blocks[index + 1]?.text, file)
  }
}

/** Declarations resolve and fit, in each way TypeScript resolves packages, the libraries' own declarations checked as well. */
export function checkTypes(folder: FreshFolder, packages: readonly Workspace[], optional: readonly string[]): void {
  const specifiers = packages.flatMap(specifiersOf)
  const imports = specifiers.map((name, index) => `import * as m${index} from '${name}'`)
  const uses = `export const all = [${specifiers.map((_, index) => `m${index}`).join(', ')}]`
  // One error on purpose: were the declarations not found, everything would be any and it would compile.
  const wrong = `import { validateCertificate } from '@mmf/pki'\nexport const wrong: string = validateCertificate`
  writeFileSync(join(folder.path, 'consumer.ts'), [...imports, uses, wrong, ''].join('\n'))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  for (const [resolution, module] of [
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ] as const) {
    const how = ['--moduleResolution', resolution, '--module', module, '--target', 'es2024', '--types', 'node']
    const output = failureOf(() => folder.run(process.execPath, tsc, '--noEmit', '--strict', ...how, 'consumer.ts'))
    const found = output.split('\n').filter(line => /error TS/.test(line))
    const expected = (line: string) =>
      optional.some(name => line.includes(`TS2307: Cannot find module '${name}'`)) || line.startsWith('consumer.ts(')
    assert.deepEqual(
      found.filter(line => !expected(line)),
      [],
      resolution,
    )
    assert.equal(found.filter(line => line.startsWith('consumer.ts(')).length, 1, `${resolution}: ${output}`)
  }
}

function failureOf(run: () => string): string {
  try {
    return run()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** A signature by ML-DSA is valid where the runtime has the algorithm, and unavailable, not a crash, where it has not. */
export function checkMlDsa(folder: FreshFolder, node: string, status: 'valid' | 'unavailable'): void {
  const { publicKey, privateKey } = generateKeyPairSync('ml-dsa-65')
  const data = new TextEncoder().encode('data')
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
  const given = {
    spki: base64(publicKey.export({ type: 'spki', format: 'der' })),
    data: base64(data),
    signature: base64(sign(null, data, privateKey)),
  }
  const source = `import { verifySignature } from '@mmf/pki'
const { spki, data, signature } = Object.fromEntries(
  Object.entries(${JSON.stringify(given)}).map(([name, text]) => [name, new Uint8Array(Buffer.from(text, 'base64'))]),
)
console.log(verifySignature({ algorithm: { oid: '2.16.840.1.101.3.4.3.18' }, spki, data, signature }).status)
`
  writeFileSync(join(folder.path, 'ml-dsa.js'), source)
  assert.equal(folder.run(node, 'ml-dsa.js'), `${status}\n`)
}
