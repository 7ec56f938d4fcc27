import { publishes, serviceScope, signs } from '@mmf/framework'
import type { MartyConfig } from '../config.ts'
import { documentSigned } from './events/document-signed.ts'
import { documentSignerKey } from './keys.ts'
import { readers } from './record-access.ts'
import { tables } from './tables.ts'

const scope = {
  tables,
  keys: [signs(documentSignerKey)],
  events: [publishes(documentSigned)],
  roles: readers,
} as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('document_signer', scope)
