import { type Call, idempotent, MmfError, put, requiresAuth, traceOperation } from '@mmf/framework'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { requiredSource, type Source } from '../../certificates/sources/configured-source.ts'
import { fetchSource } from '../../certificates/sources/fetch-source.ts'
import { headBytes, looksLikeLdif, readContent } from '../../certificates/sources/source-content.ts'
import { streamToBlob } from '../../certificates/sources/stream-to-blob.ts'
import { sourceStates } from '../../certificates/tables/source-states.ts'
import { ldifOf } from '../entries/write-entry.ts'
import { beginImport } from '../import/begin-import.ts'
import { ImportStatus } from '../import/import-schemas.ts'
import { operation, type PkdContext } from '../operation.ts'

/** What was fetched is what was last imported. */
const Unchanged = z.strictObject({ unchanged: z.literal(true) })

/** The egress port has a limit of its own, which is usually lower. */
const maxBytes = 1_000_000_000

/** CRLs and master lists are read whole. */
const maxWholeBytes = 20_000_000

/** Time that is left for the import to begin, in milliseconds. */
const marginMs = 3000

/**
 * Fetches what `pkd_source_url` names and starts its import, unless it is what was last imported. LDIF goes into a blob piece by piece; a CRL, CRLs
 * in PEM and a master list become LDIF.
 */
export const refreshDirectory = operation({
  name: 'refresh_directory',
  description: 'Fetches what pkd_source_url names and starts its import, unless it is what was last imported.',
  input: z.strictObject({
    force: z.optional(z.boolean().meta({ description: 'also when nothing has changed; default false' })),
  }),
  output: z.union([ImportStatus, Unchanged]),
  http: { method: 'POST', path: '/v1/pkd/refresh', load: 'import', status: output => ('jobId' in output ? 202 : 200) },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'refresh_directory' }),
    idempotent({ afterwards: true }),
  ],
  run: ({ force = false }, { context, call }) => refresh({ force }, { context, call }),
})

export async function refresh(
  { force = false }: { readonly force?: boolean },
  { context, call }: { readonly context: PkdContext; readonly call: Call },
): Promise<ImportStatus | z.output<typeof Unchanged>> {
  const source = requiredSource(context.config, 'pkd')
  const jobId = context.ids.next()
  const key = `pkd/imports/${jobId}`
  const options = { key, contentType: 'application/ldif', maxBytes: maxBytes, signal: call.signal }
  const { result: fetched, blob } = await streamToBlob(context.blobs, options, sink =>
    fetchLdif(context, { ...source, force }, call, sink),
  )
  if (fetched === undefined) {
    await context.blobs.delete(key, { signal: call.signal })
    return { unchanged: true } as const
  }
  const { etag, size } = blob
  // What failed is fetched again: the source is remembered with the import that it began.
  const also = (answer: ImportStatus) => [
    put(sourceStates, fetched.state),
    ...(call.idempotency?.complete(answer) ?? []),
  ]
  return beginImport(context, { jobId, source: new URL(source.url).host, blob: key, etag, size, also }, call)
}

/** Fetches, and writes LDIF. @throws {MmfError} `egress_…`; `import_input_invalid` for what is neither LDIF, CRL nor master list */
async function fetchLdif(
  context: PkdContext,
  { force, ...from }: Source & { readonly force: boolean },
  call: Call,
  write: (chunk: Uint8Array) => Promise<void>,
) {
  let held: Uint8Array[] = []
  let heldBytes = 0
  let isLdif: boolean | undefined
  const decide = async (): Promise<void> => {
    isLdif = looksLikeLdif(Buffer.concat(held))
    if (isLdif === false) throw invalid()
    if (isLdif === true) await write(Buffer.concat(held))
    if (isLdif === true) held = []
  }
  const sink = async (chunk: Uint8Array): Promise<void> => {
    if (isLdif === true) return write(chunk)
    held.push(chunk)
    const before = heldBytes
    heldBytes += chunk.length
    if (heldBytes > maxWholeBytes) throw invalid()
    if (before < headBytes && heldBytes >= headBytes) await decide()
  }
  const timeoutMs = Math.max(call.deadline - Date.now() - marginMs, 1000)
  const request = { source: 'pkd', ...from, maxBytes: maxBytes, timeoutMs, force, sink, signal: call.signal }
  const fetched = await fetchSource(context, request)
  if (fetched === undefined || isLdif === true) return fetched
  if (heldBytes < headBytes) await decide()
  if (held.length === 0) return fetched
  const content = readContent(Buffer.concat(held))
  if (content === undefined) throw invalid()
  const { kind } = content
  await write(Buffer.from(ldifOf(content.contents.map(bytes => ({ kind, content: bytes })))))
  return fetched
}

const invalid = () =>
  new MmfError('import_input_invalid', { detail: 'the source sent neither LDIF, CRLs nor a master list' })
