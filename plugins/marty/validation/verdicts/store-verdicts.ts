import { type Call, type Write as DatabaseWrite, insert, MmfError } from '@mmf/framework'
import { inShard, shardOf } from '../../records/shards.ts'
import { entryOf, validationEntries } from '../../records/tables/record-entries.ts'
import { documentPart } from '../documents/document-part.ts'
import type { Evaluated } from '../evaluation/evaluate.ts'
import { keepEvidence, sha256Of } from '../inputs/evidence-store.ts'
import { sealInputList } from '../inputs/input-list.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { piecesOf } from '../inputs/list-inputs.ts'
import type { ValidationContext } from '../operation.ts'
import { type Settings, toSettingsRecord } from '../settings.ts'
import { validationDependencies } from '../tables/validation-dependencies.ts'
import { storedValidation, type ValidationRow, validations, verdictBytes } from '../tables/validations.ts'
import { type Dependencies, dependencyFinder } from './dependencies.ts'
import { keepIssued } from './issued-store.ts'
import { toVerdictRecord } from './verdict-record.ts'
import type { VerdictRecord } from './verdict-schema.ts'

/** Bytes of rows in one transaction, which DynamoDB ends at 4 MB; the rest is room for names and numbers. */
const transactionBytes = 3_000_000
/** Writes in one transaction, as DynamoDB has it, less the row of the audit log. */
const transactionWrites = 99

export interface StoredVerdict {
  readonly validationId: string
  readonly verdict: VerdictRecord
  readonly inputs: Inputs
}

type Write =
  | DatabaseWrite<typeof validations>
  | DatabaseWrite<typeof validationEntries>
  | DatabaseWrite<typeof validationDependencies>

/** All writes of one verdict. They stay together: a verdict that can be read can also be found by what it rests on. */
interface Filing {
  readonly stored: StoredVerdict
  readonly writes: readonly Write[]
  readonly bytes: number
}

/**
 * Stores verdicts with all that is needed to repeat them: first the inputs by content, then verdicts and dependencies in transactions.
 * Returns when everything is stored. A call that fails in between may leave verdicts that no answer named; they are true all the same.
 */
export async function storeVerdicts(
  evaluated: readonly Evaluated[],
  settings: Settings,
  { context, call }: { context: ValidationContext; call: Call },
): Promise<readonly StoredVerdict[]> {
  const { database } = context
  const { pieces, inputsOf } = collectPieces(evaluated)
  await keepEvidence(database, pieces, call.signal)
  await keepIssued(database, evaluated, call.signal)
  const file = filer(settings, inputsOf, context, call)
  const filings = evaluated.map(file)
  for (const writes of inTransactions(filings)) await database.transaction(writes, { signal: call.signal })
  return filings.map(({ stored }) => stored)
}

/** Everything that was looked at, each once, and the hash of the list of inputs. */
function collectPieces(evaluated: readonly Evaluated[]) {
  const pieces = new Map<string, Uint8Array>()
  const lists = new Map<Inputs, string>()
  for (const { target, inputs } of evaluated) {
    pieces.set(targetHash(target), target instanceof Uint8Array ? target : target.der)
    if (lists.has(inputs)) continue
    for (const [sha256, bytes] of piecesOf(inputs)) pieces.set(sha256, bytes)
    const list = sealInputList(inputs.list)
    pieces.set(list.sha256, list.bytes)
    lists.set(inputs, list.sha256)
  }
  return { pieces, inputsOf: (inputs: Inputs) => lists.get(inputs) ?? '' }
}

function targetHash(target: Evaluated['target']): string {
  return target instanceof Uint8Array ? sha256Of(target) : target.fingerprint
}

function filer(settings: Settings, inputsOf: (inputs: Inputs) => string, context: ValidationContext, call: Call) {
  const dependenciesOf = dependencyFinder()
  const { clock, ids } = context
  const createdAt = clock.now().toISOString()
  const { principal, correlationId } = call
  // requiresAuth has run, so the principal is there; a record without one must be impossible all the same.
  if (principal === undefined) throw new MmfError('authentication_required')
  return (evaluated: Evaluated): Filing => {
    const { target, inputs, limits } = evaluated
    const verdict = recordOf(evaluated)
    const row: ValidationRow = {
      validationId: ids.next(),
      principal: principal.subject,
      correlationId,
      createdAt,
      certificate: targetHash(target),
      inputs: inputsOf(inputs),
      anchorsGeneration: inputs.anchorsGeneration,
      valid: verdict.valid,
      profile: verdict.profile,
      at: verdict.at,
      settings: JSON.stringify(toSettingsRecord(settings, limits)),
      verdict: JSON.stringify(verdict),
    }
    const { validationId: id, certificate: subject } = row
    const trait = row.valid ? 'valid' : 'invalid'
    const entry = entryOf({ id, principal: row.principal, subject, trait })
    const record = [insert(validations, storedValidation(row)), insert(validationEntries, entry)]
    const writes = [...record, ...filedUnder(dependenciesOf(evaluated, row.certificate), row)]
    const bytes = Buffer.byteLength(row.verdict) + Buffer.byteLength(row.settings) + writes.length * 1000
    return { stored: { validationId: row.validationId, verdict, inputs }, writes, bytes }
  }
}

/** The record of a verdict as it is stored. */
export function recordOf({ target, verdict, inputs }: Evaluated): VerdictRecord {
  return toVerdictRecord(verdict, inputs.list, verdictBytes, documentPart(target, verdict, inputs.document))
}

function filedUnder(dependencies: Dependencies, row: ValidationRow): readonly Write[] {
  const { validationId, principal, valid, anchorsGeneration, profile, at, createdAt } = row
  return [...dependencies].map(([fingerprint, roles]) =>
    insert(validationDependencies, {
      fingerprint: inShard(fingerprint, shardOf(validationId)),
      validationId,
      roles: [...roles],
      principal,
      valid,
      anchorsGeneration,
      profile,
      at,
      createdAt,
    }),
  )
}

function inTransactions(filings: readonly Filing[]): readonly (readonly Write[])[] {
  const transactions: Write[][] = []
  let bytes = 0
  for (const filing of filings) {
    const last = transactions.at(-1)
    const fits =
      last !== undefined &&
      last.length + filing.writes.length <= transactionWrites &&
      bytes + filing.bytes <= transactionBytes
    if (fits) last.push(...filing.writes)
    else transactions.push([...filing.writes])
    bytes = fits ? bytes + filing.bytes : filing.bytes
  }
  return transactions
}
