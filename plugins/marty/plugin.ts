import { definePlugin } from '@mmf/framework'
import { audit } from './audit/service.ts'
import { pkd } from './directory/service.ts'
import { MartyLifecycle, martyDomain } from './domain.ts'
import { documentSigner } from './signing/service.ts'
import { trustAnchor } from './trust/service.ts'
import { certificateValidation } from './validation/service.ts'

export { type MartyConfig as MartyTrustPKIConfig, martyConfigSchema } from './config.ts'

/** Marty, the trust and PKI domain bundle. Everything about it is declared here and in what it imports. */
export const marty = definePlugin({
  ...martyDomain,
  services: [documentSigner, trustAnchor, certificateValidation, pkd, audit],
})

/** Marty as an instance for the plugin manager. */
export class MartyTrustPKIPlugin extends MartyLifecycle<typeof marty> {
  readonly definition = marty
}
