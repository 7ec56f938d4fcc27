import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { defined } from '@mmf/framework'
import { openLineOutput } from './line-output.ts'

const folder = mkdtempSync(join(tmpdir(), 'marty-lines-'))
after(() => rmSync(folder, { recursive: true }))

const module = JSON.stringify(new URL('./line-output.ts', import.meta.url).href)

/** Runs a program with `output` in a shell that lets no file grow over one block of 512 bytes, until it says otherwise. */
function limited(file: string, program: string) {
  const script = `
    import { openLineOutput } from ${module}
    import { readFileSync, truncateSync } from 'node:fs'
    const recoveries = []
    const output = openLineOutput({ onRecovery: lines => { recoveries.push(lines); output.write('recovered ' + lines + '\\n') } })
    const file = ${JSON.stringify(file)}
    ${program}
    process.stderr.write(JSON.stringify({ recoveries, lost: output.lost() }))`
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 1; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', script],
    {
      stdio: ['ignore', openSync(file, 'a'), 'pipe'],
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '' },
    },
  )
  assert.equal(status, 0, stderr)
  const [said = '', seen] = stderr.split('\n---\n').reverse()
  return { ...JSON.parse(said), ...defined({ seen }) }
}

describe('a log that cannot be written', () => {
  it('loses lines, counts them, and says how many when it can be written again', () => {
    const file = join(folder, 'full.log')
    const said = limited(
      file,
      `for (let i = 0; i < 100; i += 1) output.write('line ' + String(i).padStart(3, '0') + '\\n')
       truncateSync(file)
       output.write('there is room\\n')
       output.write('and more\\n')`,
    )
    // 512 bytes hold 56 lines of 9 bytes; of the next one 8 bytes were written, and cut off with the rest.
    assert.deepEqual(said, { recoveries: [44], lost: 44 })
    assert.deepEqual(readFileSync(file, 'utf8').split('\n'), ['', 'there is room', 'recovered 44', 'and more', ''])
  })

  it('ends a line of which only a part was written before the next one', () => {
    const file = join(folder, 'torn.log')
    const said = limited(
      file,
      `output.write('x'.repeat(500) + '\\n')
       output.write('torn'.repeat(10) + '\\n')
       truncateSync(file, 501 + 4)
       output.write('next\\n')
       process.stderr.write(readFileSync(file, 'utf8').slice(501) + '\\n---\\n')
       truncateSync(file, 0)
       output.write('later\\n')`,
    )
    assert.deepEqual(said, { recoveries: [1, 2], lost: 2, seen: 'torn\nnext\nr' })
    // The first notice found no room any more, and was torn itself: the next one counts it.
    assert.deepEqual(readFileSync(file, 'utf8').split('\n'), ['', 'later', 'recovered 2', ''])
  })

  it('is a device, too', { skip: existsSync('/dev/full') ? false : 'this machine has no /dev/full' }, () => {
    const descriptor = openSync('/dev/full', 'w')
    try {
      const recoveries: number[] = []
      const output = openLineOutput({ descriptor, onRecovery: lines => void recoveries.push(lines) })
      for (let i = 0; i < 3; i += 1) output.write('line\n')
      assert.equal(output.lost(), 3)
      assert.deepEqual(recoveries, [])
    } finally {
      closeSync(descriptor)
    }
  })
})
