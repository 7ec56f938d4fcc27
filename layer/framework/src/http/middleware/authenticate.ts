import { withGrants } from '../../contract/access.ts'
import type { AnyOperation } from '../../contract/operation/operation.ts'
import type { PluginContext } from '../../contract/plugin-context.ts'
import type { TransportPolicy } from '../../contract/transport-policy.ts'
import { authenticateRequest } from '../authentication/authenticate-request.ts'
import { clientCertificate, requireClientCertificate } from '../authentication/client-certificate.ts'
import { requirePrincipal } from '../authentication/require-principal.ts'
import type { HttpPlatform } from '../platform.ts'
import { exchangeOf, type HttpMiddleware } from './middleware.ts'

/**
 * Says who is asking. A public operation takes no credential; everything else needs a good one, or none at all where it is optional.
 * @throws {MmfError} `client_certificate_…`, `authentication_required`, `credentials_conflict`, `token_…`
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
      const isOptional = auth?.access === 'authenticated' && auth.optional
      const ask = isOptional ? authenticateRequest : requirePrincipal
      const principal =
        auth?.access === 'public' ? undefined : await ask(platform.authenticators, request.event, { signal })
      if (principal === undefined) {
        exchange.logger.debug('no credential is needed', () => ({ access: auth?.access, mutualTls: policy }))
        return
      }
      const { subject, issuer, method } = principal
      exchange.logger.debug('authenticated', () => ({ subject, issuer, method, mutualTls: policy }))
      exchange.principal = withGrants(principal, context.plugin.roles)
    },
  }
}
