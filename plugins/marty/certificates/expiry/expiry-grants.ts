import { publishes, writes } from '@mmf/framework'
import { certificateExpiring } from '../events/certificate-expiring.ts'
import { expiryLookContinued } from '../events/expiry-look-continued.ts'
import { expiryLooks } from '../tables/expiry-looks.ts'
import { expiryNotices } from '../tables/expiry-notices.ts'

/** What a service needs to publish certificates that expire. */
export const expiryWrites = [writes(expiryNotices), writes(expiryLooks)] as const
export const expiryEvents = [publishes(certificateExpiring), publishes(expiryLookContinued)] as const
