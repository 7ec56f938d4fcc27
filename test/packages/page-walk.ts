import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Walked, walkCommands, walkPage, walkSteps } from '../docs/plugin-walk.ts'
import { environment } from './fresh-folder.ts'

/** Processor time from the empty folder to the end of the server. */
const limitSeconds = 120
const tooLongMs = 300_000

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

/**
 * One shell does all, as `times` tells the processor time of its children. The server runs in a process group of its own and is ended as by
 * Ctrl-C; what it took is known then.
 */
function script(port: number): string {
  const { before, server, after } = walkSteps()
  const mark = (command: string) => `{ echo "@@ $EPOCHREALTIME"; times; } >&3\n${command}`
  const pasted = (command: string) => mark(`echo '@@'\n${command}`)
  const address = (command: string) => command.replaceAll('127.0.0.1:8080', `127.0.0.1:${port}`)
  return [
    'set -em',
    ...before.map(pasted),
    pasted(`${server} > ../said 2>&1 & running=$!`),
    'until grep -q "answers at" ../said; do kill -0 $running || { cat ../said; exit 1; }; sleep 0.1; done',
    'head -n 3 ../said',
    ...after.map(command => pasted(address(command))),
    mark('kill -INT -- -$running; wait $running || [ $? -eq 130 ]'),
    mark(''),
  ].join('\n')
}

/** `1m2.345s` */
const seconds = (text: string): number => {
  const [, minutes = '0', rest = '0'] = /^(\d+)m([\d.]+)s$/.exec(text) ?? assert.fail(`no time: ${text}`)
  return Number(minutes) * 60 + Number(rest)
}

/** What was measured at each mark: the clock and the processor time of all children that have ended. */
function marksOf(text: string): readonly { readonly clock: number; readonly processor: number }[] {
  return text
    .split('@@ ')
    .slice(1)
    .map(part => {
      const [clock = '', , children = ''] = part.trim().split('\n')
      const processor = children.split(' ').reduce((sum, time) => sum + seconds(time), 0)
      return { clock: Number(clock.replace(',', '.')), processor }
    })
}

/**
 * Does what `docs/plugin-api.md` says, from an empty folder to the first HTTP call, with the packages in a folder.
 * @returns the page that tells it
 */
export async function walkThePage(packages: string): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'walk-'))
  try {
    const port = await freePort()
    const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(':')
    const { status, stdout, stderr, output } = spawnSync('bash', ['-c', script(port)], {
      cwd: home,
      env: {
        ...environment(),
        PATH: path,
        PACKAGES: packages,
        MMF__server__port: String(port),
        npm_config_update_notifier: 'false',
      },
      encoding: 'utf8',
      timeout: tooLongMs,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    assert.equal(status, 0, `the shell ended with ${status}:\n${stdout}${stderr}`)
    const texts = stdout.split('@@\n').slice(1)
    assert.deepEqual(JSON.parse(texts.at(-1)?.trim() ?? ''), { greeting: 'Hello, Ann' })
    const marks = marksOf(output[3] ?? '')
    const tell = (text: string) =>
      text.replaceAll(home, '~').replaceAll(packages, '$PACKAGES').replaceAll(`:${port}`, ':8080').trim()
    const between = (index: number): Walked => {
      const [from, to] = [marks[index], marks[index + 1]]
      assert.ok(from !== undefined && to !== undefined, `${marks.length} marks`)
      return { clock: to.clock - from.clock, processor: to.processor - from.processor, said: tell(texts[index] ?? '') }
    }
    const walked = [...walkCommands(), 'Ctrl-C'].map((command, index) => ({ command, ...between(index) }))
    const processor = walked.reduce((sum, step) => sum + step.processor, 0)
    assert.ok(processor < limitSeconds, `${processor} s of processor time, of ${limitSeconds} s`)
    return walkPage(walked)
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}
