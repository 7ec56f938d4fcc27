import type { Egress } from '../../egress/egress.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Logger } from '../../observability/observability.ts'

/** Outgoing requests only for a service that declared them. `logger` says of each what came of it. */
export function scopedEgress(egress: Egress, isDeclared: boolean, service: string, logger: Logger): Egress {
  if (!isDeclared) {
    return {
      async request() {
        throw new MmfError('access_undeclared', { detail: `${service} does not send requests outside` })
      },
    }
  }
  return {
    async request(url, request) {
      try {
        const answer = await egress.request(url, request)
        logger.debug('sent outside', () => ({ url, from: answer.url, status: answer.status, bytes: answer.size }))
        return answer
      } catch (error) {
        logger.debug('not sent outside', () => ({ url, error }))
        throw error
      }
    },
  }
}
