import { MmfError, requiresAuth, traceOperation } from '@mmf/framework'
import { toPem } from '@mmf/pki'
import * as z from 'zod'
import { toEntry } from '../entries/to-entry.ts'
import { operation } from '../operation.ts'
import { DirectoryEntry, Fingerprint } from '../schemas.ts'
import { publicKeys } from '../tables/pkd-public-keys.ts'

/** One entry, also a withdrawn one. */
export const getCertificate = operation({
  name: 'get_certificate',
  description: 'One entry of the directory: JSON, or PEM for Accept: application/x-pem-file.',
  input: z.strictObject({ fingerprint: Fingerprint }),
  output: DirectoryEntry,
  http: {
    method: 'GET',
    path: '/v1/pkd/certificates/{fingerprint}',
    representations: {
      'application/x-pem-file': ({ certificate }) => toPem('CERTIFICATE', Buffer.from(certificate, 'base64')),
    },
  },
  concerns: [requiresAuth(), traceOperation({ operationName: 'get_certificate' })],
  async run({ fingerprint }, { context, call }) {
    const row = await context.database.get(publicKeys, { fingerprint }, { signal: call.signal })
    if (row === undefined) throw new MmfError('certificate_not_found')
    return toEntry(row)
  },
})
