import { MMFPlugin, type PluginDefinition } from '@mmf/framework'
import { permissions, roles } from './access.ts'
import { martyConfigSchema } from './config.ts'

/** What all services of Marty share. A function that serves one of them holds this and that service, not the whole plugin. */
export const martyDomain = {
  name: 'marty',
  title: 'MartyTrustPKI',
  version: '1.0.0',
  description: 'Trust and PKI: documents are signed, certificates are decided upon, every decision can be explained',
  metricPrefix: 'marty_pki',
  config: martyConfigSchema,
  roles: Object.values(roles),
  permissions: Object.values(permissions),
  signingAlgorithms: config => config.signing_algorithms,
  publicUrl: config => config.document_signer_url,
  addresses: config => ({
    document_signer: { url: config.document_signer_url },
    trust_anchor: { url: config.trust_anchor_url, timeoutSeconds: config.trust_anchor_timeout },
    pkd: { url: config.pkd_url },
  }),
  transport: config => ({
    requireClientCertificate: config.require_mutual_tls,
    validateClientCertificate: config.certificate_validation_enabled,
  }),
} satisfies Omit<PluginDefinition<typeof martyConfigSchema>, 'services'>

/** What runs when Marty stops, in the function of each of its services. */
export abstract class MartyLifecycle<
  Definition extends PluginDefinition = PluginDefinition,
> extends MMFPlugin<Definition> {
  protected override async onStop(): Promise<void> {
    this.logger.info('plugin stopped')
  }
}
