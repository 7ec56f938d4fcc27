import * as z from 'zod'

/** Who clients with a certificate are, in every place where one can be shown: the local gateway, and API Gateway with a truststore. */
export const clientCertificatesSchema = z.strictObject({
  authorities: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file beside base.yaml: authorities of client certificates, beside the anchors of the trust store. Default: aws.truststore',
    ),
})
