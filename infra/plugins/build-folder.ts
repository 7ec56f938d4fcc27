import { resolve } from 'node:path'

/** Where the output of the build lies: `MMF_BUILD_DIR`, else `dist` in the root. Build, start and synthesis read the same. */
export const buildFolder = (root: string, env: Readonly<Record<string, string | undefined>>): string =>
  resolve(root, env['MMF_BUILD_DIR'] ?? 'dist')
