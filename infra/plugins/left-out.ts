import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MmfError } from '@mmf/framework'

/** A plugin whose manifest and code are right, and of which no functions can be made. */
export interface LeftOut {
  readonly plugin: string
  /** Why, with `file:line`. */
  readonly reason: string
}

/** Among what was built: the plugins that were left out of it. */
export const leftOutFile = 'left-out.json'

/** What a build into this folder left out; nothing where nothing was built. */
export async function readLeftOut(built: string): Promise<readonly LeftOut[]> {
  const text = await readFile(join(built, leftOutFile), 'utf8').catch(() => '[]')
  return JSON.parse(text) as readonly LeftOut[]
}

/** The same as errors, by plugin. */
export const refusals = (leftOut: readonly LeftOut[]): ReadonlyMap<string, MmfError> =>
  new Map(
    leftOut.map(({ plugin, reason }) => [
      plugin,
      new MmfError('plugin_failed', { detail: `${plugin}: it cannot be built: ${reason}`, members: { plugin } }),
    ]),
  )
