import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import {
  type Checkpoint,
  type NoteKey,
  noteKeyTypes,
  readCheckpoint,
  readNote,
  readNoteKey,
} from '@mmf/framework/transparency'
import { type AuditLine, readAuditLine } from '../audit/audit-lines.ts'
import { verifyAuditLog } from '../audit/verify-audit-log.ts'
import type { Colours } from '../colours.ts'
import { failure } from '../failure.ts'
import { fileFailure, readBytes } from '../files.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

export interface AuditVerifyOptions {
  /** As `audit export log` wrote it. */
  readonly file: string
  readonly keys: readonly string[]
  /** Files with checkpoints that were kept. */
  readonly checkpoints: readonly string[]
  readonly json: boolean
}

/** `mmf-cli audit verify FILE`: 0 records and log agree, 6 they do not. @throws {Failure} `file_…`, `usage_invalid` */
export async function auditVerify(options: AuditVerifyOptions, { paint }: Colours): Promise<CommandResult> {
  const { file, keys, checkpoints, json } = options
  const trust = { keys: keys.map(keyOf), earlier: checkpoints.map(checkpointIn) }
  const verdict = await verifyAuditLog(linesOf(file), trust)
  const { findings, records, leaves } = verdict
  const valid = findings.length === 0
  const text = [
    `${valid ? paint('green', 'INTACT') : paint('red', 'TAMPERED')}: ${records} records, ${leaves} leaves, ${findings.length} findings`,
    ...findings.map(({ what, problem }) => printable(`${what} ${problem}`)),
  ]
  const stdout = json ? JSON.stringify({ valid, ...verdict }, undefined, 2) : text.join('\n')
  return { stdout: `${stdout}\n`, exitCode: valid ? 0 : 6 }
}

function keyOf(text: string): NoteKey {
  const key = readNoteKey(text)
  if (key?.type === noteKeyTypes.ed25519) return key
  throw failure(
    'usage_invalid',
    `--key ${JSON.stringify(text)}: a key is <name>+<id>+<base64>, as GET /v1/audit/keys says`,
  )
}

function checkpointIn(path: string): Checkpoint {
  const note = readNote(Buffer.from(readBytes(path, 1024 * 1024)).toString())
  const checkpoint = note && readCheckpoint(note.text)
  if (checkpoint !== undefined) return checkpoint
  throw failure('file_invalid', `${path}: a checkpoint is a signed note, as GET /v1/audit/checkpoint answers`)
}

async function* linesOf(path: string): AsyncGenerator<AuditLine> {
  let number = 0
  try {
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      number += 1
      yield readAuditLine(line, number)
    }
  } catch (error) {
    throw fileFailure(path, error)
  }
}
