import { isMmfError } from '@mmf/framework'
import { remedies } from './remedies.ts'

/** One thing that was looked at. */
export interface Finding {
  /** `ok`: as it should be; `warning`: it runs, and a person should look; `error`: it keeps something from running. */
  readonly level: 'ok' | 'warning' | 'error'
  /** What was looked at. */
  readonly about: 'node' | 'packages' | 'configuration' | 'discovery' | 'plugin' | 'tokens' | 'data folder' | 'address'
  readonly message: string
  readonly plugin?: string | undefined
  readonly code?: string | undefined
  /** `<file>:<line>`, the file alone, or the variable. */
  readonly at?: string | undefined
  /** What to do. */
  readonly remedy?: string | undefined
}

export type About = Finding['about']

export const ok = (about: About, message: string): Finding => ({ level: 'ok', about, message })

/** An error of the platform as a finding; anything else comes back to be thrown. */
export function refused(about: About, error: unknown): Finding {
  if (!isMmfError(error)) throw error
  const { code, entry, detail = entry.title } = error
  return { level: 'error', about, code, message: detail, remedy: remedies[code] }
}
