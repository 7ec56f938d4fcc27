import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type DatabaseAdapter, insert, MmfError, update } from '@mmf/framework'
import type { KeyProvider } from '@mmf/framework/embedded'
import { readCheckpoint, readNote } from '@mmf/framework/transparency'
import { keyCatalogue } from '../../../layer/framework/src/keys/key-catalogue.ts'
import { loggedTables } from '../../../plugins/marty/audit/log/logged-tables.ts'
import { signatureRecords } from '../../../plugins/marty/signing/tables.ts'
import { runCli } from '../support/run-cli.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'
import { rewriteRow, storedRows } from '../support/stored-rows.ts'

/** A port that goes down after so many calls of the sequencer, before the next or right after it had its effect. */
const fault = { left: Number.POSITIVE_INFINITY, after: false }

async function step<T>(work: () => Promise<T>): Promise<T> {
  if (fault.left > 0) {
    fault.left -= 1
    return work()
  }
  if (fault.after) await work()
  throw new MmfError('database_unavailable', { detail: 'the process is dead' })
}

const concernsLog = (name: string) => name.startsWith('audit_log')
const dying = (database: DatabaseAdapter): DatabaseAdapter => ({
  ...database,
  transaction: (writes, options) =>
    writes.some(({ table }) => table.name === 'audit_log_state')
      ? step(() => database.transaction(writes, options))
      : database.transaction(writes, options),
  write: (write, options) =>
    concernsLog(write.table.name) ? step(() => database.write(write, options)) : database.write(write, options),
})
const dyingKeys = (provider: KeyProvider): KeyProvider => ({
  ...provider,
  sign: request => (request.algorithm === 'Ed25519' ? step(() => provider.sign(request)) : provider.sign(request)),
})

let marty: TestPlatform
before(async () => {
  const env = signingWith('ECDSA-SHA256')
  marty = await startPlatform({ env, wrap: { database: dying, keyProvider: dyingKeys } })
})
after(() => marty.stop())

const auditor = () => marty.token({ subject: 'auditor-1', roles: ['auditor'], permissions: [] })
const checkpoint = () => marty.request('POST', '/v1/audit/checkpoints', { token: auditor(), body: {} })

async function sign(text: string): Promise<void> {
  const body = { document: Buffer.from(text).toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
  assert.equal((await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })).status, 201)
}

/** Every leaf has one place, every place one leaf, and what is signed covers them. */
function assertWhole(text: string): void {
  const entries = storedRows(marty.dataDirectory, 'audit_log_entries').sort((a, b) => a.index - b.index)
  assert.deepEqual(
    entries.map(({ index }) => index),
    [...entries.keys()],
  )
  const puts = entries.map(({ leaf }) => JSON.parse(leaf)).filter(({ table }) => table === 'signature_records')
  const recorded = storedRows(marty.dataDirectory, 'signature_records').map(({ signatureId }) => signatureId)
  assert.deepEqual(puts.map(({ key }) => key.signatureId).sort(), recorded.sort())
  assert.equal(readCheckpoint(readNote(text)?.text ?? '')?.size, entries.length)
}

describe('the sequencer', () => {
  for (const after of [false, true])
    it(`ends at any step ${after ? 'right after' : 'before'} its effect, and the next one goes on`, async () => {
      let died = 0
      for (let steps = 0; steps < 6; steps += 1) {
        await sign(`document ${after} ${steps}`)
        Object.assign(fault, { left: steps, after })
        if ((await checkpoint()).status !== 201) died += 1
        Object.assign(fault, { left: Number.POSITIVE_INFINITY })
        const { status, text } = await checkpoint()
        assert.equal(status, 201, text)
        assertWhole(text)
      }
      // Taking places, signing and storing the checkpoint are steps of their own.
      assert.ok(died >= 3, `${died}`)
    })

  it('works in several processes at once', async () => {
    await Promise.all(
      Array.from({ length: 6 }, async (_, n) => {
        await sign(`at once ${n}`)
        await checkpoint()
      }),
    )
    const { status, text } = await checkpoint()
    assert.equal(status, 201, text)
    assertWhole(text)
  })

  describe('records that are older than the log', () => {
    const old = ['01900000-0000-7000-8000-00000000000a', '01900000-0000-7000-8000-00000000000b']
    const leaves = () => storedRows(marty.dataDirectory, 'audit_log_entries').map(({ leaf }) => JSON.parse(leaf))
    const lateKeys = () => leaves().flatMap(({ late, key }) => (late === true ? [key] : []))
    const ended = () => leaves().flatMap(({ change, table }) => (change === 'taken-in' ? [table] : []))
    const changeState = (changes: object) =>
      rewriteRow(marty.dataDirectory, 'audit_log_state', { log: 'audit' }, row => ({ ...row, ...changes }))
    /** As an earlier version wrote it: without a leaf. */
    const writeUnlogged = (table: typeof signatureRecords | typeof keyCatalogue, row: object) => {
      const unlogged = { ...table, logged: undefined } as unknown as typeof signatureRecords
      return marty.platform.http.database.write(insert(unlogged, row as never))
    }
    const oldSignature = (signatureId: string) => {
      const [first] = storedRows(marty.dataDirectory, 'signature_records')
      return writeUnlogged(signatureRecords, { ...first, signatureId })
    }
    async function findings(): Promise<readonly string[]> {
      const output = join(mkdtempSync(join(tmpdir(), 'marty-older-')), 'log.ndjson')
      const env = { MARTY_URL: marty.url, MARTY_TOKEN: auditor() }
      const exported = await runCli(['audit', 'export', 'log', '--output', output], { env })
      assert.equal(exported.code, 0, exported.stderr)
      const key = (await marty.request('GET', '/v1/audit/keys')).json.keys[0].verifierKey
      const { stdout, stderr } = await runCli(['audit', 'verify', output, '--key', key, '--json'])
      assert.notEqual(stdout, '', stderr)
      const found = JSON.parse(stdout).findings as { what: string; problem: string }[]
      return found.map(({ what, problem }) => `${what} ${problem}`)
    }

    it('are taken in once, when no function of the version before writes any more, also such as were changed since', async () => {
      const { invoke } = await scheduled()
      const [key] = storedRows(marty.dataDirectory, 'key_catalogue').filter(({ keyId }) => keyId.startsWith('document'))
      await oldSignature(old[0] ?? '')
      const older = { catalogue: 'keys', id: key.id.replace(/1$/, '7') } as const
      assert.notEqual(older.id, key.id)
      await writeUnlogged(keyCatalogue, { ...key, ...older, version: 7, state: 'retired' })
      const revoked = { state: 'revoked', revokedAt: '2026-05-01T00:00:00.000Z' } as const
      await marty.platform.http.database.write(update(keyCatalogue, older, revoked))
      await invoke()
      assert.deepEqual([lateKeys(), ended()], [[], []], 'functions of the version before may still write')
      assert.match((await findings()).join('\n'), /0a"\} is not in the log: it was inserted past it, or is older/)
      changeState({ takeInSince: '2026-01-01T00:00:00.000Z' })
      await invoke()
      await invoke()
      assert.deepEqual(lateKeys(), [{ signatureId: old[0] }, older])
      assert.deepEqual(
        ended(),
        loggedTables.map(({ name }) => name),
      )
      assert.deepEqual(await findings(), [])
    })

    it('are not taken in again by who resets how far the log has looked', async () => {
      const { invoke } = await scheduled()
      await oldSignature(old[1] ?? '')
      await invoke()
      assert.match(
        (await findings()).join('\n'),
        /^signature_records .*0b"\} is not in the log: it was inserted past it$/,
      )
      changeState({ takenIn: 0 })
      await invoke()
      assert.match(
        (await findings()).join('\n'),
        /^leaf \d+ takes signature_records .*0b"\} in as older than the log, after/,
      )
    })
  })
})

/** The operation that the schedule runs, called as the local runner does. */
async function scheduled() {
  const { sequence } = await import('../../../plugins/marty/audit/log/sequence.ts')
  const { createServiceContext } = await import('../../../layer/framework/src/runtime/create-plugin-context.ts')
  const { marty: definition } = await import('../../../plugins/marty/plugin.ts')
  const { audit } = await import('../../../plugins/marty/audit/service.ts')
  const { http } = marty.platform
  const context = createServiceContext(http, definition as never, audit, await http.pluginConfig('marty')) as never
  const invoke = () => sequence(context, { signal: AbortSignal.timeout(20_000), deadline: Date.now() + 20_000 })
  return { invoke }
}
