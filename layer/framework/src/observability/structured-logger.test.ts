import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { MmfError } from '../errors/mmf-error.ts'
import { createJsonLineWriter } from './json-line-writer.ts'
import { createLogLevels, defaultLevels, type LogLevel, type LogLevels, type NamespaceLevels } from './log-levels.ts'
import { capturedLines, parsedLines } from './log-lines.fixture.ts'
import type { Logger } from './observability.ts'
import { createPowertoolsLineWriter } from './powertools-line-writer.ts'
import { createSanitizer } from './sanitizer.ts'
import { createLogger } from './structured-logger.ts'

const base = { service: 'document_signer', environment: 'testing' }
const clock = { now: () => new Date('2026-11-22T12:00:00.123Z') }

interface Adapter {
  readonly name: string
  /** What a logger writes while `work` runs. */
  readonly lines: (
    work: (logger: Logger, set: LogLevels) => void,
    level?: LogLevel,
    levels?: NamespaceLevels,
  ) => Record<string, unknown>[]
}

const adapters: readonly Adapter[] = [
  {
    name: 'JSON lines',
    lines: (work, level = 'INFO', namespaces = {}) => {
      const levels = createLogLevels({ level, levels: namespaces })
      const written: string[] = []
      const writer = createJsonLineWriter({ base, clock, levels, sink: line => written.push(line) })
      work(createLogger(writer, createSanitizer()), levels)
      assert(
        written.every(line => line.indexOf('\n') === line.length - 1),
        'one write per line',
      )
      return parsedLines(written.join(''))
    },
  },
  {
    name: 'Powertools',
    lines: (work, level = 'INFO', namespaces = {}) => {
      const levels = createLogLevels({ level, levels: namespaces })
      const writer = createPowertoolsLineWriter({ base, levels, isColdStart: () => true })
      return capturedLines(() => work(createLogger(writer, createSanitizer()), levels))
    },
  },
]

for (const { name, lines } of adapters) {
  describe(`logger contract: ${name}`, () => {
    it('writes one JSON object per line with level, time, message, service and fields', () => {
      const [line = {}, ...more] = lines(logger =>
        logger.info('signed', { algorithm: 'RSA-SHA256', empty: '', none: null }),
      )
      assert.equal(more.length, 0)
      assert.match(String(line['timestamp']), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      const { timestamp: _timestamp, coldStart: _coldStart, ...rest } = line
      assert.deepEqual(rest, {
        level: 'INFO',
        message: 'signed',
        ...base,
        algorithm: 'RSA-SHA256',
        empty: '',
        none: null,
      })
      assert.deepEqual(Object.keys(line).slice(0, 5), ['level', 'timestamp', 'message', 'service', 'environment'])
    })

    it('filters by level', () => {
      const all = (logger: Logger) => {
        logger.debug('d')
        logger.info('i')
        logger.warn('w')
        logger.error('e')
      }
      const messages = (level: LogLevel) => lines(all, level).map(line => `${line['level']} ${line['message']}`)
      assert.deepEqual(messages('DEBUG'), ['DEBUG d', 'INFO i', 'WARN w', 'ERROR e'])
      assert.deepEqual(messages('INFO'), ['INFO i', 'WARN w', 'ERROR e'])
      assert.deepEqual(messages('ERROR'), ['ERROR e'])
    })

    it('has levels by namespace: the longest prefix in whole segments counts, and what is set at run time before it', () => {
      const names = ['framework.plugins', 'plugins.marty', 'plugins.marty.pkd', 'plugins.martyr']
      const all = (logger: Logger) => {
        for (const name of names) logger.child({ plugin: 'p' }, name).debug(name, () => ({ n: 1 }))
        logger.debug('the process itself')
      }
      const set = { 'plugins.marty': 'DEBUG', 'plugins.marty.pkd': 'WARN' } as const
      const written = lines(all, 'INFO', set)
      assert.deepEqual(
        written.map(({ message, namespace, plugin, n }) => [message, namespace, plugin, n]),
        [['plugins.marty', 'plugins.marty', 'p', 1]],
      )
      const changed = lines(
        (logger, levels) => {
          levels.override({ plugins: 'DEBUG' })
          all(logger)
          levels.override({})
          all(logger)
        },
        'INFO',
        set,
      )
      assert.deepEqual(
        changed.map(({ message }) => message),
        [...names.slice(1), 'plugins.marty'],
      )
      assert.deepEqual(
        lines(all, 'DEBUG', { plugins: 'ERROR' }).map(({ message }) => message),
        ['framework.plugins', 'the process itself'],
      )
    })

    it('makes nothing of a line that is not written', () => {
      const written = lines(logger => {
        logger.child({ n: 1 }).debug('off', () => {
          throw new Error('made')
        })
      })
      assert.deepEqual(written, [])
    })

    it('gives each child its own fields', () => {
      const written = lines(logger => {
        const a = logger.child({ correlationId: 'a' })
        const b = logger.child({ correlationId: 'b' })
        const deeper = a.child({ plugin: 'marty', service: 'pkd' })
        for (const each of [a, b, deeper, logger]) each.info('x', { n: 1 })
      })
      assert.deepEqual(
        written.map(line => [line['correlationId'], line['plugin'], line['service'], line['n']]),
        [
          ['a', undefined, 'document_signer', 1],
          ['b', undefined, 'document_signer', 1],
          ['a', 'marty', 'pkd', 1],
          [undefined, undefined, 'document_signer', 1],
        ],
      )
    })

    it('lets no field overwrite level, timestamp or message', () => {
      const [line = {}] = lines(logger => logger.child({ level: 'x' }).info('true', { message: 'false', timestamp: 0 }))
      assert.deepEqual([line['level'], line['message']], ['INFO', 'true'])
      assert.deepEqual([line['_level'], line['_message'], line['_timestamp']], ['x', 'false', 0])
    })

    it('keeps a line one line', () => {
      const written = lines(logger => logger.info('a\n{"level":"ERROR"}\r\n', { 'b\n': '\nc' }))
      assert.equal(written.length, 1)
      assert.equal(written[0]?.['b\n'], '\nc')
    })

    it('redacts secrets in messages, fields and errors', () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
      const jwt = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"sub":"alice"}').toString('base64url')}.c2lnbmF0dXJl`
      const error = new Error(`cannot use ${pem}`, { cause: new Error(`token ${jwt}`) })
      const written = lines(logger => {
        logger
          .child({ authorization: `Bearer ${jwt}` })
          .error(`got ${jwt}`, { error, note: pem, jwk: privateKey.export({ format: 'jwk' }) })
      })
      const text = JSON.stringify(written)
      const secrets = [
        jwt,
        jwt.split('.')[1] ?? '',
        pem.split('\n')[1] ?? '',
        privateKey.export({ format: 'jwk' }).d ?? '',
      ]
      for (const secret of secrets) assert(!text.includes(secret), `${secret} in ${text}`)
      assert.equal(written[0]?.['authorization'], '[redacted]')
      assert.equal(written[0]?.['note'], '[redacted private key]\n')
    })

    it('writes errors with name, code, stack and the chain of causes', () => {
      const cause = new TypeError('inner')
      const [line = {}] = lines(logger =>
        logger.error('failed', { error: new MmfError('not_found', { detail: 'no 7', cause }) }),
      )
      const error = line['error'] as Record<string, unknown>
      assert.equal(error['code'], 'not_found')
      assert.equal(error['name'], 'MmfError')
      assert.match(String(error['stack']), /structured-logger\.test/)
      assert.equal((error['cause'] as Record<string, unknown>)['message'], 'inner')
    })

    it('survives cycles, getters that throw, proxies, and stays small', () => {
      const cycle: Record<string, unknown> = {
        big: 'x'.repeat(1e6),
        bytes: Buffer.alloc(1e6),
        n: 1n,
        f: () => 0,
        nan: Number.NaN,
      }
      cycle['self'] = cycle
      cycle['many'] = Array.from({ length: 1e5 }, (_, n) => ({ n, text: 'y'.repeat(1000) }))
      Object.defineProperty(cycle, 'bad', { enumerable: true, get: () => assert.fail('getter') })
      cycle['proxy'] = new Proxy({}, { ownKeys: () => assert.fail('trap') })
      const [line = {}] = lines(logger => logger.info('y'.repeat(1e6), { cycle }))
      assert(JSON.stringify(line).length < 100_000)
      const copy = line['cycle'] as Record<string, unknown>
      assert.deepEqual(
        [copy['self'], copy['bytes'], copy['n'], copy['nan']],
        ['[circular]', '[1000000 bytes]', '1', 'NaN'],
      )
    })

    it('takes any field whatsoever', () => {
      const written = lines(logger => {
        const fields = fc.dictionary(fc.string(), fc.anything({ withBigInt: true, withDate: true, withMap: true }))
        fc.assert(
          fc.property(fields, fc.string(), (any, message) => logger.info(message, any)),
          { numRuns: 300 },
        )
      })
      assert(written.length >= 300)
      assert(written.every(line => line['level'] === 'INFO' && line['service'] !== undefined))
    })
  })
}

describe('Powertools line writer', () => {
  it('says whether the start was cold, and the X-Ray trace', () => {
    let isCold = true
    const logger = createLogger(
      createPowertoolsLineWriter({ base, levels: createLogLevels(defaultLevels), isColdStart: () => isCold }),
      createSanitizer(),
    )
    process.env['_X_AMZN_TRACE_ID'] = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=557abcec3ee5a047;Sampled=1'
    try {
      const written = capturedLines(() => {
        logger.info('first')
        isCold = false
        logger.info('second')
      })
      assert.deepEqual(
        written.map(line => [line['coldStart'], line['xrayTraceId']]),
        [
          [true, '1-5759e988-bd862e3fe1be46a994272793'],
          [false, '1-5759e988-bd862e3fe1be46a994272793'],
        ],
      )
    } finally {
      delete process.env['_X_AMZN_TRACE_ID']
    }
  })
})

describe('overlapping requests', () => {
  for (const kind of ['local', 'lambda']) {
    it(`never mix ids: 200 at once through ${kind}`, () => {
      const program = new URL('./overlapping.fixture.ts', import.meta.url)
      const { stdout, stderr, status } = spawnSync(process.execPath, [fileURLToPath(program), kind], {
        encoding: 'utf8',
      })
      assert.equal(status, 0, stderr)
      const written = parsedLines(stdout).filter(line => line['message'] !== undefined)
      assert.equal(written.length, 600)
      for (const line of written) assert.equal(line['correlationId'], `c-${line['n']}`)
      const counted = parsedLines(stdout).reduce((sum, line) => sum + Number(line['steps_total'] ?? 0), 0)
      assert.equal(counted, kind === 'lambda' ? 600 : 0, 'each measurement is written once')
    })
  }
})
