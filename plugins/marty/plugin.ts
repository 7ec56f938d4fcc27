import { definePlugin, MMFPlugin } from '@mmf/framework'
import { martyConfigSchema } from './config.ts'
import { certificateValidation } from './services/certificate-validation/service.ts'
import { documentSigner } from './services/document-signer/service.ts'
import { pkd } from './services/pkd/service.ts'
import { trustAnchor } from './services/trust-anchor/service.ts'

/** Marty, the trust and PKI domain bundle. Everything about it is declared here and in what it imports. */
export const marty = definePlugin({
  name: 'marty',
  title: 'MartyTrustPKI',
  version: '1.0.0',
  description: 'Trust and PKI: documents are signed, certificates are decided upon, every decision can be explained',
  metricPrefix: 'marty_pki',
  config: martyConfigSchema,
  services: [documentSigner, trustAnchor, certificateValidation, pkd],
  signingAlgorithms: config => config.signing_algorithms,
  transport: config => ({
    requireClientCertificate: config.require_mutual_tls,
    validateClientCertificate: config.certificate_validation_enabled,
  }),
})

/** Marty as an instance for the plugin manager. */
export class MartyTrustPKIPlugin extends MMFPlugin<typeof marty> {
  readonly definition = marty
}
