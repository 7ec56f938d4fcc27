import { definePlugin, serviceOf } from '@mmf/framework'
import { roles } from './access.ts'
import { notaryConfigSchema } from './config.ts'
import { NotaryLogService } from './notary-log-service.ts'

/** A list of digests that only grows (RFC 9162 §2.1): a signed checkpoint proves what was in the list, and when. */
export const notary = definePlugin({
  name: 'notary',
  title: 'Notary',
  version: '1.0.0',
  description: 'A list of digests that only grows: signed checkpoints, and a proof for each entry',
  metricPrefix: 'notary',
  config: notaryConfigSchema,
  roles: Object.values(roles),
  services: [serviceOf(NotaryLogService, 'notary_log')],
})
