import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, it } from 'node:test'
import type { Row } from '../../../layer/framework/src/database/row-size.ts'
import { decodeCbor, encodeCbor } from '../../../layer/framework/src/database/sqlite/cbor.ts'
import { runCli } from '../support/run-cli.ts'
import { signingWith, startPlatform, type TestPlatform } from '../support/start-platform.ts'

const folder = mkdtempSync(join(tmpdir(), 'marty-tampering-'))
const original = join(folder, 'original')
let key = ''
let earlier = ''
const signatureIds: string[] = []

/** A platform over a data folder, for as long as `use` needs it. */
async function withPlatform<T>(dataDirectory: string, use: (marty: TestPlatform) => Promise<T>): Promise<T> {
  const marty = await startPlatform({ dataDirectory, env: signingWith('ECDSA-SHA256') })
  try {
    return await use(marty)
  } finally {
    await marty.stop()
  }
}

const auditor = (marty: TestPlatform) => marty.token({ subject: 'auditor-1', roles: ['auditor'], permissions: [] })

before(async () => {
  await withPlatform(original, async marty => {
    for (let n = 0; n < 3; n += 1) {
      const body = { document: Buffer.from(`document ${n}`).toString('base64'), signingAlgorithm: 'ECDSA-SHA256' }
      signatureIds.push(
        (await marty.request('POST', '/v1/documents/sign', { token: marty.token(), body })).json.signatureId,
      )
    }
    const made = await marty.request('POST', '/v1/audit/checkpoints', { token: auditor(marty), body: {} })
    assert.equal(made.status, 201, made.text)
    earlier = join(folder, 'earlier.txt')
    writeFileSync(earlier, made.text)
    key = (await marty.request('GET', '/v1/audit/keys')).json.keys[0].verifierKey
  })
})
after(() => rmSync(folder, { recursive: true }))

let copies = 0

/** What `audit verify` says of an export of the data folder after this was done to it. */
async function verdictAfter(tamper: (file: DatabaseSync, directory: string) => void, change = (text: string) => text) {
  const directory = join(folder, `copy-${copies++}`)
  cpSync(original, directory, { recursive: true })
  cpSync(`${original}-secret`, `${directory}-secret`, { recursive: true, force: true })
  const file = new DatabaseSync(join(directory, 'data.sqlite'))
  tamper(file, directory)
  file.close()
  return withPlatform(directory, async marty => {
    const output = join(folder, `log-${copies}.ndjson`)
    const env = { MARTY_URL: marty.url, MARTY_TOKEN: auditor(marty) }
    const exported = await runCli(['audit', 'export', 'log', '--output', output], { env })
    // A log whose own tables were damaged is not signed on, and not exported: that is found, too.
    if (exported.code !== 0 && exported.code !== 7)
      return { code: exported.code, findings: [], stderr: exported.stderr }
    writeFileSync(output, change(readFileSync(output, 'utf8')))
    const { code, stdout, stderr } = await runCli([
      'audit',
      'verify',
      output,
      '--key',
      key,
      '--checkpoint',
      earlier,
      '--json',
    ])
    const findings = (stdout === '' ? [] : JSON.parse(stdout).findings) as { what: string; problem: string }[]
    return { code, findings: findings.map(({ what, problem }) => `${what} ${problem}`), stderr }
  })
}

const rowsOf = (file: DatabaseSync, table: string) =>
  (
    file.prepare(`SELECT rowid AS id, row FROM "t_${table}" ORDER BY rowid`).all() as { id: number; row: Uint8Array }[]
  ).map(({ id, row }) => ({ id, row: decodeCbor(row) as Row }))

const write = (file: DatabaseSync, table: string, id: number, row: Row) =>
  void file.prepare(`UPDATE "t_${table}" SET row = ? WHERE rowid = ?`).run(encodeCbor(row), id)

function changed(value: unknown): never {
  if (typeof value === 'number') return (value + 1) as never
  if (value instanceof Uint8Array) return Uint8Array.from(value, byte => byte ^ 1) as never
  return `${value}x` as never
}

describe('what is done to the file past the platform', () => {
  it('nothing: the log is intact', async () => {
    const { code, findings, stderr } = await verdictAfter(() => {})
    assert.deepEqual([code, findings], [0, []], stderr)
  })

  for (const column of [
    'principal',
    'documentHash',
    'documentHashAlgorithm',
    'signature',
    'algorithm',
    'keyId',
    'keyVersion',
    'timestamp',
    'correlationId',
    'added',
  ])
    it(`a changed ${column} of a signature is found, and the record named`, async () => {
      const { code, findings } = await verdictAfter(file => {
        const [first] = rowsOf(file, 'signature_records')
        assert.ok(first)
        write(file, 'signature_records', first.id, { ...first.row, [column]: changed(first.row[column] ?? '') })
      })
      assert.equal(code, 6)
      assert.equal(findings.length, 1)
      assert.match(
        findings[0] ?? '',
        new RegExp(`^signature_records \\{"signatureId":"${signatureIds[0]}"\\} was changed`),
      )
    })

  it('a removed record is found', async () => {
    const { code, findings } = await verdictAfter(file => {
      const [, second] = rowsOf(file, 'signature_records')
      file.prepare('DELETE FROM "t_signature_records" WHERE rowid = ?').run(second?.id ?? -1)
    })
    assert.equal(code, 6)
    assert.match(findings.join('\n'), new RegExp(`${signatureIds[1]}"\\} is missing: it was removed`))
  })

  it('an inserted record is found', async () => {
    const id = '01900000-0000-7000-8000-000000000000'
    const { code, findings } = await verdictAfter(file => {
      const [first] = rowsOf(file, 'signature_records')
      const row = encodeCbor({ ...first?.row, signatureId: id } as Row)
      file.prepare('INSERT INTO "t_signature_records" (k_signatureId, row) VALUES (?, ?)').run(Buffer.from(id), row)
    })
    assert.equal(code, 6)
    assert.match(findings.join('\n'), new RegExp(`${id}"\\} is not in the log: it was inserted`))
  })

  it('two records whose contents were swapped are found, both', async () => {
    const { code, findings } = await verdictAfter(file => {
      const [first, second] = rowsOf(file, 'signature_records')
      assert.ok(first && second)
      write(file, 'signature_records', first.id, { ...second.row, signatureId: first.row['signatureId'] as string })
      write(file, 'signature_records', second.id, { ...first.row, signatureId: second.row['signatureId'] as string })
    })
    assert.equal(code, 6)
    for (const id of signatureIds.slice(0, 2)) assert.match(findings.join('\n'), new RegExp(`${id}"\\} was changed`))
  })

  it('a row that lies under the key of another is found', async () => {
    const { code, findings } = await verdictAfter(file => {
      const [first] = rowsOf(file, 'signature_records')
      write(file, 'signature_records', first?.id ?? -1, { ...first?.row, signatureId: 'another' } as Row)
    })
    assert.equal(code, 6)
    assert.match(findings.join('\n'), new RegExp(`${signatureIds[0]}"\\} cannot be read`))
  })

  it('a key that was dated back is found, and the column named', async () => {
    const { code, findings } = await verdictAfter(file => {
      const found = rowsOf(file, 'key_catalogue').find(({ row }) => row['keyId'] === 'document_signer-ecc-nist-p256')
      write(file, 'key_catalogue', found?.id ?? -1, { ...found?.row, createdAt: '2020-01-01T00:00:00.000Z' } as Row)
    })
    assert.equal(code, 6)
    assert.match(findings.join('\n'), /key_catalogue .*document_signer-ecc-nist-p256.* was changed: createdAt/)
  })

  it('a log that was emptied and made anew is not the one of the checkpoint that was kept', async () => {
    const { code, findings } = await verdictAfter((file, directory) => {
      for (const table of ['audit_log_state', 'audit_log_entries', 'audit_log_checkpoints', 'audit_log_waiting'])
        file.exec(`DELETE FROM "t_${table}"`)
      rmSync(join(directory, 'blobs'), { recursive: true })
      // One that hides a record adds another in its place.
      file.exec('DELETE FROM "t_signature_records"')
    })
    assert.equal(code, 6)
    assert.match(findings.join('\n'), /the log has 0 leaves, and had \d+: it was cut off|the checkpoint/)
  })

  it('a log that was cut to fewer leaves is not signed on: what was published says otherwise', async () => {
    const { code } = await verdictAfter(file => {
      const [state] = rowsOf(file, 'audit_log_state')
      assert.ok(state)
      write(file, 'audit_log_state', state.id, { ...state.row, size: 1, published: 0, checkpoint: '' })
      file.exec('DELETE FROM "t_audit_log_entries" WHERE k_index > 0')
    })
    assert.notEqual(code, 0)
  })

  it('a log signed with another key is found', async () => {
    const other = key.replace(/\+([0-9a-f]{8})\+/, '+00000000+')
    const { code } = await runCli(['audit', 'verify', earlier, '--key', other])
    assert.equal(code, 2)
    const replaced = await verdictAfter((file, directory) => {
      for (const table of ['audit_log_state', 'audit_log_checkpoints']) file.exec(`DELETE FROM "t_${table}"`)
      file.exec('DELETE FROM "t_audit_log_entries"')
      rmSync(join(directory, 'blobs'), { recursive: true })
      const found = rowsOf(file, 'key_catalogue').find(({ row }) => String(row['keyId']).startsWith('audit_log'))
      file.prepare('DELETE FROM "t_key_catalogue" WHERE rowid = ?').run(found?.id ?? -1)
    })
    assert.equal(replaced.code, 6, replaced.stderr)
    assert.match(replaced.findings.join('\n'), /the checkpoint is signed by none of the given keys/)
  })
})

describe('what is done to an export', () => {
  it('leaves that were reordered, removed or changed, and a cut file are found', async () => {
    const swapLeaves = (text: string) => {
      const lines = text.split('\n')
      const [a, b] = lines.flatMap((line, at) => (line.includes('"type":"leaf"') ? [at] : []))
      const [first, second] = [JSON.parse(lines[a ?? 0] ?? ''), JSON.parse(lines[b ?? 0] ?? '')]
      lines[a ?? 0] = JSON.stringify({ ...second, index: first.index })
      lines[b ?? 0] = JSON.stringify({ ...first, index: second.index })
      return lines.join('\n')
    }
    const swapped = await verdictAfter(() => {}, swapLeaves)
    assert.equal(swapped.code, 6)
    assert.match(swapped.findings.join('\n'), /does not have the root of its checkpoint/)
    const dropped = await verdictAfter(
      () => {},
      text =>
        text
          .split('\n')
          .filter(line => !line.includes('"type":"leaf","index":1,'))
          .join('\n'),
    )
    assert.equal(dropped.code, 6)
    assert.match(dropped.findings.join('\n'), /leaf 2 stands in the place of leaf 1/)
    const edited = await verdictAfter(
      () => {},
      text => text.replace('"leaf":"{\\"change\\":\\"put\\"', '"leaf":"{\\"change\\":\\"pat\\"'),
    )
    assert.equal(edited.code, 6)
    assert.match(edited.findings.join('\n'), /leaf 0 is not the one that its tile has/)
    const cut = await verdictAfter(
      () => {},
      text => text.slice(0, text.lastIndexOf('{"type":"end"')),
    )
    assert.deepEqual([cut.code, cut.findings], [6, ['the export is cut off: export again']])
  })
})
