import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { table } from '../../cli/table.ts'
import { allPages, root } from './pages.ts'

const exec = promisify(execFile)
const pages = allPages()

/** `npm run x`, `npm start`, `npm test` → the script. */
const scriptsIn = (text: string) =>
  [...text.matchAll(/\bnpm (?:run ([a-z][\w:-]*)|(start|test)\b)/g)].map(m => m[1] ?? m[2] ?? '')

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
const named = pages.flatMap(({ path, text }) => scriptsIn(text).map(script => ({ path, script })))

test('every `npm run …` on a page is a script', () => {
  assert.ok(named.length > 0)
  assert.deepEqual(
    named.filter(({ script }) => !Object.hasOwn(scripts, script)),
    [],
  )
})

test('every npm script that a page names is run by .ci/run', () => {
  const steps = readFileSync(join(root, '.ci/run'), 'utf8')
    .split('\n')
    .filter(line => /^\s*(?:step|counted) '/.test(line))
    // The name of a step proves nothing.
    .map(line => line.replace(/'[^']*'/, ''))
  const files = steps.flatMap(step =>
    [...step.matchAll(/\.ci\/[\w-]+/g)].map(([file]) => readFileSync(join(root, file), 'utf8')),
  )
  const commands = [...steps, ...files.map(text => text.replace(/^\s*#.*$/gm, ''))]
  const run = new Set(commands.flatMap(scriptsIn))
  assert.deepEqual([...new Set(named.map(({ script }) => script))].filter(script => !run.has(script)).sort(), [])
})

/** Without the line that gives an author's folder its scripts: it names the program, and calls nothing. */
const withoutScripts = (text: string) => text.replaceAll(/^npm pkg set .*$/gm, '')

/** `context add prod` → `context add`: what follows a command are its arguments. What is no command stays as it is, and is found missing. */
function commandIn(words: string): string {
  const { commands } = table
  return commands.find(({ path }) => `${words} `.startsWith(`${path} `))?.path ?? words
}

/** `mmf-cli config show --plugin=marty --explain`, or the same as an npm script → `config show` and its options. */
function calls(text: string): readonly { readonly command: string; readonly flags: readonly string[] }[] {
  return [...withoutScripts(text).matchAll(/\b(?:mmf-cli|npm run -s cli --)((?: [a-z][a-z-]*)+)([^\n`|)]*)/g)].map(
    ([, command = '', rest = '']) => ({
      command: commandIn(command.trim()),
      flags: rest.replace(/#.*$/, '').match(/--[a-z][a-z-]*/g) ?? [],
    }),
  )
}

/** What `--help` prints for each command, from one process. */
async function helpOf(commands: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const mark = '@@@'
  const script = `
    import { run } from ${JSON.stringify(pathToFileURL(join(root, 'cli/main.ts')).href)}
    for (const command of ${JSON.stringify(commands)}) {
      await run([...command.split(' '), '--help'])
      process.stdout.write('${mark}')
    }`
  const { stdout } = await exec(process.execPath, ['--input-type=module', '--eval', script], { cwd: root })
  return new Map(stdout.split(mark).map((text, index) => [commands[index] ?? '', text]))
}

test('every `mmf-cli …` on a page is a command with these options', async () => {
  const named = pages.flatMap(({ path, blocks, spans }) =>
    [...blocks, ...spans].flatMap(({ text }) => calls(text).map(call => ({ path, ...call }))),
  )
  const commands = [...new Set(named.map(({ command }) => command))]
  assert.ok(commands.length > 0)
  const help = await helpOf(commands)
  // For a name that it does not know, a group prints its own help.
  for (const command of commands) assert.match(help.get(command) ?? '', new RegExp(`^Usage: mmf-cli ${command}\\b`))
  const missing = named.flatMap(({ path, command, flags }) =>
    flags
      .filter(flag => !new RegExp(`${flag}\\b`).test(help.get(command) ?? ''))
      .map(flag => `${path}: mmf-cli ${command} ${flag}`),
  )
  assert.deepEqual(missing, [])
})

test('commands call the CLI by its npm script, which can fetch nothing, and nothing else runs through npx', () => {
  // `npx mmf-cli` outside a checkout asks the public registry for a package of that name, which is not ours; so does `npx --no-install`.
  const files = [
    ...pages.map(({ path }) => path),
    ...globSync(['{infra,cli,layer,plugins,handlers,tools}/**/*.{ts,mjs,yaml}', 'config/**/*.yaml', '.ci/*'], {
      cwd: root,
      exclude: ['**/node_modules/**', '**/*.test.ts'],
    }),
  ]
  const lines = files.flatMap(file =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .map((text, index) => ({ at: `${file}:${index + 1}`, text })),
  )
  assert.deepEqual(
    lines.filter(({ text }) => /\bnpx |\bnpm exec\b/.test(text)).map(({ at }) => at),
    [],
  )
  const bare = pages.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language, text }) => language === 'sh' && /\bmmf-cli\b/.test(withoutScripts(text)))
      .map(({ line }) => `${path}:${line}`),
  )
  assert.deepEqual(bare, [])
})
