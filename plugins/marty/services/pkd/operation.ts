import { type ScopedContext, serviceScope, writes } from '@mmf/framework'
import type { MartyConfig } from '../../config.ts'
import { publicKeys } from '../../tables/pkd-public-keys.ts'
import { pkdState } from '../../tables/pkd-state.ts'

const scope = { tables: [writes(publicKeys), writes(pkdState)] } as const

/** What this service may touch. Its context type, its IAM grants and the permission matrix follow from it. */
export const operation = serviceScope<MartyConfig>()('pkd', scope)

export type PkdContext = ScopedContext<MartyConfig, typeof scope>

/** Who may change the directory. */
export const administrator = 'pkd_administrator'
