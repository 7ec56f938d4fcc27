import type { BaseConfig } from '../config/base-schema.ts'
import { createEgress } from './create-egress.ts'
import type { Egress } from './egress.ts'

/** Outgoing requests as the `egress` section of the base configuration allows them. */
export function configuredEgress(settings: BaseConfig['egress']): Egress {
  return createEgress({
    allowPrivate: settings.allow_private,
    timeoutMs: settings.timeout_seconds * 1000,
    maxBytes: settings.max_bytes,
    allowHosts: settings.allow_hosts,
  })
}
