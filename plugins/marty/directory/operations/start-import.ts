import { base64, idempotent, MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import { isPkiError, parsePem } from '@mmf/pki'
import * as z from 'zod'
import { roles } from '../../access.ts'
import { bytesOfBase64, readCertificateText } from '../../certificates/certificate-text.ts'
import { ldifOf } from '../entries/write-entry.ts'
import { beginImport } from '../import/begin-import.ts'
import { ImportStatus } from '../import/import-schemas.ts'
import { operation, type PkdContext } from '../operation.ts'
import { SourceName } from '../schemas.ts'
import type { PkdImportRow } from '../tables/pkd-imports.ts'
import { uploadKey } from './start-upload.ts'

const inputs = ['ldif', 'certificate', 'crl', 'masterList', 'upload'] as const
const oneInput = `exactly one of ${inputs.join(', ')}`

const Input = z
  .strictObject({
    ldif: z.optional(z.string().min(1).meta({ description: 'LDIF (RFC 2849) in the layout of the ICAO PKD' })),
    certificate: z.optional(z.string().min(1).meta({ description: 'certificates: PEM, base64 of DER, or PKCS #7' })),
    crl: z.optional(z.string().min(1).meta({ description: 'CRLs: PEM, or base64 of one in DER' })),
    masterList: z.optional(base64({ minBytes: 1, description: 'a signed CSCA master list' })),
    upload: z.optional(z.uuid().meta({ description: 'an uploaded LDIF: the uploadId of POST /v1/pkd/uploads' })),
    source: z.optional(SourceName),
  })
  .refine(given => inputs.filter(name => given[name] !== undefined).length === 1, { error: oneInput, path: ['ldif'] })
type Input = z.output<typeof Input>

/**
 * Starts an import and answers at once; the work is done step by step, driven by events, and goes on after a crash or restart. What is
 * no LDIF becomes one, so that there is one way in.
 */
export const startImport = operation({
  name: 'start_import',
  description: 'Starts an import into the directory: LDIF, certificates, CRLs, or a master list.',
  input: Input,
  output: ImportStatus,
  http: { method: 'POST', path: '/v1/pkd/imports', load: 'import', status: 202 },
  concerns: [
    requiresAuth({ roles: [roles.pkdAdministrator] }),
    traceOperation({ operationName: 'start_import' }),
    idempotent(),
  ],
  async run(input, { context, call }) {
    const jobId = context.ids.next()
    const blob = await inputBlob(context, input, jobId, call.signal)
    const also = (answer: ImportStatus) => call.idempotency?.complete(answer) ?? []
    return beginImport(context, { jobId, source: input.source ?? 'import', ...blob, also }, call)
  },
})

/** The input as a blob that stays as it is while the import runs. */
async function inputBlob(
  context: PkdContext,
  input: Input,
  jobId: string,
  signal: AbortSignal,
): Promise<Pick<PkdImportRow, 'blob' | 'etag' | 'size'>> {
  if (input.upload !== undefined) {
    const info = await context.blobs.head(uploadKey(input.upload), { signal })
    if (info === undefined) throw new MmfError('import_input_invalid', { detail: 'nothing was uploaded under this id' })
    return { blob: info.key, etag: info.etag, size: info.size }
  }
  const options = { contentType: 'application/ldif', signal }
  const { key, etag, size } = await context.blobs.put(`pkd/imports/${jobId}`, Buffer.from(ldif(input)), options)
  return { blob: key, etag, size }
}

/** @throws {MmfError} `certificate_malformed`, `crl_malformed` for a text in which there is none */
function ldif({ ldif: text, certificate, crl, masterList }: Input): string {
  if (text !== undefined) return text
  if (masterList !== undefined) return ldifOf([{ kind: 'masterList', content: masterList }])
  if (crl !== undefined) return ldifOf(crlBytes(crl).map(content => ({ kind: 'crl', content })))
  const { certificates } = readCertificateText(certificate ?? '', 'certificate')
  return ldifOf(certificates.map(({ der }) => ({ kind: 'certificate', content: der })))
}

function crlBytes(text: string): readonly Uint8Array[] {
  const refused = (message: string, cause?: unknown) =>
    new MmfError('crl_malformed', {
      detail: `crl: ${message}`,
      errors: [{ path: 'crl', message, code: 'crl_malformed' }],
      cause,
    })
  if (!text.includes('-----BEGIN')) {
    const der = bytesOfBase64(text)
    if (der === undefined) throw refused('neither PEM nor base64')
    return [der]
  }
  try {
    const found = parsePem(text).flatMap(({ label, der }) => (label === 'X509 CRL' ? [der] : []))
    if (found.length === 0) throw refused('there is no X509 CRL in the text')
    return found
  } catch (cause) {
    throw isPkiError(cause) ? refused(cause.message, cause) : cause
  }
}
