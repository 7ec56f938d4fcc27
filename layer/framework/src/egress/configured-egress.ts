import type { BaseConfig } from '../config/base-schema.ts'
import { createEgress } from './create-egress.ts'
import type { Egress } from './egress.ts'

/** Outgoing requests as the `egress` section of the base configuration allows them: that which is current when the request begins. */
export function configuredEgress(current: () => BaseConfig['egress']): Egress {
  let made: { readonly settings: BaseConfig['egress']; readonly egress: Egress } | undefined
  return {
    request(url, request) {
      const settings = current()
      if (made?.settings !== settings) made = { settings, egress: egressOf(settings) }
      return made.egress.request(url, request)
    },
  }
}

function egressOf(settings: BaseConfig['egress']): Egress {
  return createEgress({
    allowPrivate: settings.allow_private,
    timeoutMs: settings.timeout_seconds * 1000,
    maxBytes: settings.max_bytes,
    allowHosts: settings.allow_hosts,
  })
}
