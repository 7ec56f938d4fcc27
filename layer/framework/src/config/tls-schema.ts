import * as z from 'zod'

const file = z.string().min(1)

/** How the local gateway speaks TLS. On AWS the gateway in front does, with the settings of `aws`. */
export const tlsSchema = z
  .strictObject({
    certificate: file.describe('PEM file of the server certificate, its intermediates after it; beside base.yaml'),
    key: file.describe('PEM file of its private key, which no other user may read; beside base.yaml'),
    client_certificates: z
      .enum(['none', 'ask', 'require'])
      .default('ask')
      .describe(
        'ask: a client may show a certificate, and operations say who needs one; require: a connection without one of a known authority is ended',
      ),
    minimum_version: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2').describe('Oldest version of TLS that is spoken'),
  })
  .optional()
  .describe('HTTPS of the local gateway. Absent: HTTP')
