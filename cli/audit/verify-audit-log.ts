import { type AuditLeaf, leafVersion, readCanonicalJson, recordName, type StoredRow } from '@mmf/framework'
import {
  appendLeaf,
  type Checkpoint,
  hashOfLeaf,
  type NoteKey,
  type Peaks,
  readCheckpoint,
  readNote,
  rootOf,
  signersOf,
} from '@mmf/framework/transparency'
import type { AuditLine, LoggedTableLine } from './audit-lines.ts'
import { RecordStates } from './record-states.ts'

/** One thing that is not as the log has it. */
interface AuditFinding {
  /** A record by table and key, a leaf by its index, or the part of the log. */
  readonly what: string
  readonly problem: string
}

export interface AuditVerdict {
  readonly findings: readonly AuditFinding[]
  readonly records: number
  readonly leaves: number
}

export interface AuditTrust {
  /** Keys of the log that the auditor has from elsewhere. */
  readonly keys: readonly NoteKey[]
  /** Checkpoints that were kept: the log must go on from each of them. */
  readonly earlier: readonly Checkpoint[]
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Compares the records of an export with the log, and the log with its checkpoint. Nothing is asked of the platform. */
export async function verifyAuditLog(lines: AsyncIterable<AuditLine>, trust: AuditTrust): Promise<AuditVerdict> {
  const findings: AuditFinding[] = []
  const report = (what: string, problem: string) => void findings.push({ what, problem })
  const tables = new Map<string, LoggedTableLine>()
  const records: Extract<AuditLine, { type: 'record' }>[] = []
  const unreadable: Extract<AuditLine, { type: 'unreadable' }>[] = []
  const earlier = new Map(trust.earlier.map(checkpoint => [checkpoint.size, checkpoint]))
  let checkpoint: Checkpoint | undefined
  let states = new RecordStates(0)
  let peaks: Peaks = []
  let leaves = 0
  let ended = false
  let began = false

  const compareRoot = () => {
    const kept = earlier.get(leaves)
    earlier.delete(leaves)
    if (kept !== undefined && !same(rootOf(peaks), kept.root)) {
      report(`the log up to leaf ${leaves}`, 'is not that of the checkpoint that was kept: it was rewritten')
    }
  }
  for await (const line of lines) {
    if (line.type === 'begin') {
      began = true
      states = new RecordStates(line.size)
      for (const table of line.tables) tables.set(table.name, table)
    } else if (line.type === 'record') records.push(line)
    else if (line.type === 'unreadable') unreadable.push(line)
    else if (line.type === 'checkpoint') {
      checkpoint = checkpointOf(line.note, trust.keys, report)
    } else if (line.type === 'leaf') {
      if (line.index !== leaves) report(`leaf ${line.index}`, `stands in the place of leaf ${leaves}`)
      const hash = hashOfLeaf(Buffer.from(line.leaf))
      if (hash.toString('base64') !== line.hash) report(`leaf ${line.index}`, 'is not the one that its tile has')
      const leaf = leafOf(line.leaf)
      if (leaf === undefined) report(`leaf ${line.index}`, 'cannot be read')
      else {
        const problem = states.add(leaves, leaf)
        if (problem !== undefined) report(`leaf ${line.index}`, problem)
      }
      compareRoot()
      peaks = appendLeaf(leaves, peaks, hash).peaks
      leaves += 1
    } else ended = line.leaves === leaves
  }
  compareRoot()
  if (!began || !ended) report('the export', 'is cut off: export again')
  for (const { size } of earlier.values()) report('the log', `has ${leaves} leaves, and had ${size}: it was cut off`)
  if (checkpoint !== undefined && checkpoint.size !== leaves) {
    report('the log', `has ${leaves} leaves, and ${checkpoint.size} according to its checkpoint`)
  } else if (checkpoint !== undefined && !same(rootOf(peaks), checkpoint.root)) {
    report('the log', 'does not have the root of its checkpoint: leaves were changed, inserted, removed or reordered')
  } else if (checkpoint === undefined && findings.every(({ what }) => what !== 'the checkpoint')) {
    report('the checkpoint', 'is missing')
  }

  for (const { table, key, reason } of unreadable) {
    const name = recordName(table, readCanonicalJson(key))
    states.forget(name)
    report(name, `cannot be read: ${reason}`)
  }
  for (const { table, row } of records) {
    const logged = tables.get(table)
    const columns = readCanonicalJson(row) as StoredRow
    const key = Object.fromEntries((logged?.key ?? []).map(field => [field, columns[field] ?? null]))
    const name = recordName(table, key)
    const problem =
      logged === undefined ? 'is of a table that the export does not describe' : states.check(logged, columns, name)
    if (problem !== undefined) report(name, problem)
  }
  for (const { name, leaf } of states.missing()) {
    // Tables of other plugins are in the log, and not in the export.
    if (tables.has(name.slice(0, name.indexOf(' ')))) report(name, `is missing: it was removed (leaf ${leaf})`)
  }
  return { findings, records: records.length, leaves }
}

/** The checkpoint of an export, where a key that the auditor trusts signed it. */
function checkpointOf(
  text: string,
  keys: readonly NoteKey[],
  report: (what: string, problem: string) => void,
): Checkpoint | undefined {
  const note = readNote(text)
  const checkpoint = note && readCheckpoint(note.text)
  if (note === undefined || checkpoint === undefined) {
    report('the checkpoint', 'cannot be read')
    return undefined
  }
  const signers = signersOf(note, keys)
  if (signers === 'forged') report('the checkpoint', 'bears a signature that is not one of its key')
  else if (!signers.some(({ name }) => name === checkpoint.origin)) {
    report(
      'the checkpoint',
      `is signed by none of the given keys: ${keys.map(({ name, id }) => `${name}+${id}`).join(', ')}`,
    )
  }
  return checkpoint
}

function leafOf(text: string): AuditLeaf | undefined {
  try {
    const leaf = readCanonicalJson(text) as unknown as AuditLeaf
    return leaf.v === leafVersion && typeof leaf.table === 'string' && typeof leaf.key === 'object' ? leaf : undefined
  } catch {
    return undefined
  }
}
