import { definePlugin, MMFPlugin } from '@mmf/framework'
import { martyDomain } from './domain.ts'
import { audit } from './services/audit/service.ts'
import { certificateValidation } from './services/certificate-validation/service.ts'
import { documentSigner } from './services/document-signer/service.ts'
import { pkd } from './services/pkd/service.ts'
import { trustAnchor } from './services/trust-anchor/service.ts'

export { type MartyConfig as MartyTrustPKIConfig, martyConfigSchema } from './config.ts'

/** Marty, the trust and PKI domain bundle. Everything about it is declared here and in what it imports. */
export const marty = definePlugin({
  ...martyDomain,
  services: [documentSigner, trustAnchor, certificateValidation, pkd, audit],
})

/** Marty as an instance for the plugin manager. */
export class MartyTrustPKIPlugin extends MMFPlugin<typeof marty> {
  readonly definition = marty
}
