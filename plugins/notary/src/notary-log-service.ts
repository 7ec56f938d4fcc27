import {
  defined,
  type Invocation,
  idempotent,
  MmfError,
  pluginService,
  publicAccess,
  requiresAuth,
  scheduled,
  serviceOperation,
  traceOperation,
  trackMetrics,
} from '@mmf/framework'
import { inclusionPath, rootOf } from '@mmf/framework/transparency'
import * as z from 'zod'
import { roles } from './access.ts'
import { appendEntry, entryAt } from './append-entry.ts'
import type { NotaryConfig } from './config.ts'
import {
  AppendRequest,
  Checkpoint,
  CheckpointPage,
  Entry,
  EntryReference,
  ListCheckpoints,
  ProvenEntry,
} from './schemas.ts'
import { log, type NotaryContext, scope } from './scope.ts'
import { latestCheckpoint, shownCheckpoint, signCheckpoint } from './sign-checkpoint.ts'
import { checkpoints, nodes } from './tables/log.ts'

@pluginService({ name: 'notary_log', description: 'Keeps the list of digests, and has its checkpoints signed', scope })
export class NotaryLogService {
  readonly #context: NotaryContext

  constructor(context: NotaryContext, _config: NotaryConfig) {
    this.#context = context
  }

  @serviceOperation({
    description: 'Appends a digest. The same digest of the same caller has one entry, however often it is sent.',
    input: AppendRequest,
    output: Entry,
    http: { method: 'POST', path: '/v1/notary/entries', status: 201 },
  })
  @requiresAuth({ roles: [roles.submitter] })
  @trackMetrics({ metricName: 'appends' })
  @traceOperation({ operationName: 'append_digest' })
  @idempotent()
  async appendDigest({ digest, label = '' }: z.output<typeof AppendRequest>, { call }: Invocation): Promise<Entry> {
    if (call.principal === undefined) throw new MmfError('authentication_required')
    return appendEntry(this.#context, { digest, label, principal: call.principal.subject }, call)
  }

  @serviceOperation({
    description: 'An entry, with the proof that the latest checkpoint covers it.',
    input: EntryReference,
    output: ProvenEntry,
    http: { method: 'GET', path: '/v1/notary/entries/{index}' },
  })
  @requiresAuth()
  async getEntry(
    { index }: z.output<typeof EntryReference>,
    { call: { signal } }: Invocation,
  ): Promise<z.output<typeof ProvenEntry>> {
    const entry = await entryAt(this.#context, index, signal)
    const checkpoint = await latestCheckpoint(this.#context, signal)
    if (checkpoint === undefined || checkpoint.size <= index) return { entry }
    const proof = await this.#proof(index, checkpoint.size, signal)
    return { entry, inclusion: { proof, checkpoint: shownCheckpoint(checkpoint) } }
  }

  @serviceOperation({
    description: 'The checkpoint of most entries.',
    input: z.strictObject({}),
    output: Checkpoint,
    http: { method: 'GET', path: '/v1/notary/checkpoints/latest' },
  })
  @publicAccess()
  async getLatestCheckpoint(_: object, { call: { signal } }: Invocation): Promise<Checkpoint> {
    const row = await latestCheckpoint(this.#context, signal)
    if (row === undefined) throw new MmfError('not_found', { detail: 'no checkpoint was signed yet' })
    return shownCheckpoint(row)
  }

  @serviceOperation({
    description: 'Checkpoints, that of most entries first.',
    input: ListCheckpoints,
    output: CheckpointPage,
    http: { method: 'GET', path: '/v1/notary/checkpoints' },
  })
  @publicAccess()
  async listCheckpoints(
    { limit, cursor }: z.output<typeof ListCheckpoints>,
    { call: { signal } }: Invocation,
  ): Promise<z.output<typeof CheckpointPage>> {
    const query = { partition: log, descending: true, limit: limit ?? 20, cursor }
    const page = await this.#context.database.query(checkpoints, query, { signal })
    return { checkpoints: page.rows.map(shownCheckpoint), ...defined({ cursor: page.cursor }) }
  }

  @serviceOperation({
    description: 'Has a checkpoint signed at once. Where no entry is new, it is the one that is there.',
    input: z.strictObject({}),
    output: Checkpoint,
    http: { method: 'POST', path: '/v1/notary/checkpoints', status: 201 },
  })
  @requiresAuth({ roles: [roles.administrator] })
  @trackMetrics({ metricName: 'checkpoint_requests' })
  @traceOperation({ operationName: 'sign_checkpoint' })
  @idempotent()
  async signCheckpoint(_: object, { call }: Invocation): Promise<Checkpoint> {
    const checkpoint = await signCheckpoint(this.#context, call)
    if (checkpoint === undefined) throw new MmfError('conflict', { detail: 'the list has no entry yet' })
    return checkpoint
  }

  @serviceOperation({ input: z.strictObject({}), output: z.undefined() })
  @scheduled({ everyMinutes: 5 })
  @traceOperation({ operationName: 'sign_new_entries' })
  async signNewEntries(_: object, { call }: Invocation): Promise<undefined> {
    await signCheckpoint(this.#context, call)
    return undefined
  }

  async #proof(index: number, size: number, signal: AbortSignal): Promise<string[]> {
    const path = inclusionPath(index, size)
    const keys = path.flat().map(({ level, position }) => ({ node: `${level}/${position}` }))
    const rows = keys.length === 0 ? [] : await this.#context.database.getMany(nodes, keys, { signal })
    const hashes = new Map(rows.flatMap(row => (row === undefined ? [] : [[row.node, row.hash] as const])))
    const hashAt = (node: string): Uint8Array => {
      const hash = hashes.get(node)
      if (hash === undefined) throw new MmfError('database_row_invalid', { detail: `notary_nodes: ${node} is missing` })
      return hash
    }
    const subtrees = path.map(places => places.map(({ level, position }) => hashAt(`${level}/${position}`)))
    return subtrees.map(rootOf).map(hash => Buffer.from(hash).toString('hex'))
  }
}
