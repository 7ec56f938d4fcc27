import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { readPage, root } from '../../docs/pages.ts'
import { signingWith, startPlatform } from './start-platform.ts'

const end = '<<<end of a block>>>'

/** Why a page with these programs cannot be run here, or false. */
export function missingPrograms(...programs: readonly string[]): string | false {
  const missing = programs.filter(name => spawnSync(name, [name === 'openssl' ? 'version' : '--version']).status !== 0)
  return missing.length === 0 ? false : `${missing.join(', ')} is not installed`
}

export interface PageOptions {
  readonly timeoutMs?: number
}

/**
 * Runs the shell blocks of a page one after the other, in one shell and an empty folder, against a platform of its own, and compares what each
 * prints with the output block after it; a block without one prints nothing.
 * @returns the folder, for what a test wants to look at besides; it is removed when the test ends
 */
export async function runPage(t: TestContext, path: string, options: PageOptions = {}): Promise<string> {
  const { blocks } = readPage(path)
  const shown = blocks.flatMap((block, at) =>
    block.language === 'sh'
      ? [{ script: block.text, output: blocks[at + 1]?.isOutput === true ? blocks[at + 1]?.text : '' }]
      : [],
  )
  assert.ok(shown.filter(({ output }) => output !== '').length >= 5, `${path} shows too little to prove anything`)
  const marty = await startPlatform({ env: signingWith('ECDSA-SHA256') })
  const folder = mkdtempSync(join(tmpdir(), 'marty-page-'))
  t.after(async () => {
    await marty.stop()
    rmSync(folder, { recursive: true })
  })
  const script = shown
    .map(block => `${block.script}\nprintf '\\n${end}\\n'\n`)
    .join('')
    .replaceAll('http://127.0.0.1:8080', marty.url)
    .replaceAll('npm run -s cli --', 'mmf-cli')
    .replaceAll('npm run', `npm --prefix '${root}' run`)
  const { stdout, stderr } = await promisify(execFile)('bash', ['-c', script], {
    cwd: folder,
    timeout: options.timeoutMs ?? 120_000,
    env: {
      // What the caller's shell is set to (an environment, an address, an account) is not what the page shows.
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(MARTY|MMF|AWS)_/.test(name))),
      NO_COLOR: '1',
      MARTY_DATA_DIR: marty.dataDirectory,
      MMF_CONFIG_DIR: join(root, 'config'),
      XDG_CONFIG_HOME: join(folder, '.config'),
      PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`,
    },
  })
  const printed = stdout.split(`\n${end}\n`)
  assert.equal(printed.length, shown.length + 1, stdout + stderr)
  for (const [index, { script: block, output }] of shown.entries()) assert.equal(printed[index], output, block + stderr)
  return folder
}
