import * as z from 'zod'

/** Authorities of client certificates. */
export const clientCertificatesSchema = z.strictObject({
  authorities: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file beside base.yaml: authorities whose client certificates the local gateway takes where tls.client_certificates is require. Default: aws.truststore',
    ),
})
