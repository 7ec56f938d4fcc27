import { definePlugin } from '@mmf/framework'
import { notaryDomain } from './domain.ts'
import { notaryLog } from './service.ts'

/** A list of digests that only grows (RFC 9162 §2.1): a signed checkpoint proves what was in the list, and when. */
export const notary = definePlugin({ ...notaryDomain, services: [notaryLog] })
