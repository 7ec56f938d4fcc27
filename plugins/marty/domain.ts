import { MMFPlugin, type PluginContext, type PluginDefinition } from '@mmf/framework'
import { permissions, roles } from './access.ts'
import { type MartyConfig, martyConfigSchema } from './config.ts'

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
  transport: config => ({
    requireClientCertificate: config.require_mutual_tls,
    validateClientCertificate: config.certificate_validation_enabled,
  }),
} satisfies Omit<PluginDefinition<typeof martyConfigSchema>, 'services'>

/** What runs when Marty starts and stops, in the function of each of its services. */
export abstract class MartyLifecycle<
  Definition extends PluginDefinition = PluginDefinition,
> extends MMFPlugin<Definition> {
  protected override async onStart({ config, environment }: PluginContext): Promise<void> {
    const { signing_algorithms: algorithms, require_mutual_tls: mutualTls } = config as MartyConfig
    this.logger.info('plugin started', { environment, algorithms, mutualTls })
  }

  protected override async onStop(): Promise<void> {
    this.logger.info('plugin stopped')
  }
}
