import type { FixedAtStart } from './fixed-at-start.ts'

/** Why saved code cannot run. */
export interface CodeFault {
  /** Absent: the build as a whole. */
  readonly plugin?: string | undefined
  readonly code: string
  readonly message: string
  /** `plugins/hello/plugin.ts:12:3`, where it is known. */
  readonly at?: string | undefined
}

/** What came of building the handlers anew. */
export interface RebuildAnswer {
  /** Plugins that can run. */
  readonly plugins: Readonly<Record<string, FixedAtStart>>
  readonly faults: readonly CodeFault[]
}
