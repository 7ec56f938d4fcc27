import type { Egress } from '../../egress/egress.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/** Outgoing requests only for a service that declared them. */
export function scopedEgress(egress: Egress, isDeclared: boolean, service: string): Egress {
  if (isDeclared) return egress
  return {
    async request() {
      throw new MmfError('access_undeclared', { detail: `${service} does not send requests outside` })
    },
  }
}
