import { withGrants } from '../../contract/access.ts'
import type { AnyOperation } from '../../contract/operation/operation.ts'
import type { PluginContext } from '../../contract/plugin-context.ts'
import type { TransportPolicy } from '../../contract/transport-policy.ts'
import { bearerToken } from '../authentication/bearer-token.ts'
import { clientCertificate, requireClientCertificate } from '../authentication/client-certificate.ts'
import type { HttpPlatform } from '../platform.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/**
 * Says who is asking. A public operation takes no token; everything else needs a good one, or none at all where it is optional.
 * @throws {MmfError} `client_certificate_…`, `authentication_required`, `token_…`
 */
export function authenticate(
  platform: HttpPlatform,
  policyOf: (operation: AnyOperation, context: PluginContext) => TransportPolicy,
): HttpMiddleware {
  return {
    async before(request) {
      const exchange = exchangeOf(request)
      const { operation, context, signal } = exchange
      if (operation === undefined || context === undefined) return
      const policy = policyOf(operation, context)
      if (policy.requireClientCertificate) requireClientCertificate(request.event, platform.clock)
      else if (policy.validateClientCertificate) clientCertificate(request.event, platform.clock)

      const { auth } = operation.declares
      const header = request.event.headers['authorization']
      const anonymous = auth?.access === 'public' || (auth?.optional === true && header === undefined)
      if (anonymous) {
        exchange.logger.debug('no token is needed', () => ({ access: auth?.access, mutualTls: policy }))
        return
      }
      const principal = await platform.authenticate(bearerToken(header), { signal })
      const { subject, issuer, method } = principal
      exchange.logger.debug('authenticated', () => ({ subject, issuer, method, mutualTls: policy }))
      exchange.principal = withGrants(principal, context.plugin.roles)
    },
  }
}
