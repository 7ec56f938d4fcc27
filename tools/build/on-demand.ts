import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'

/** The files of `on-demand/` beside the handlers: each is a bundle of its own, which a function loads when it needs it. */
export function onDemandEntries(handlers: string): readonly string[] {
  return globSync('on-demand/*.ts', { cwd: handlers, exclude: ['**/*.test.ts'] })
    .map(name => join(handlers, name))
    .sort()
}

/** Leaves `import('./on-demand/x.ts')` in a handler as it is, so that the other file is read when the line runs. */
export function onDemand(): Plugin {
  return {
    name: 'on-demand',
    setup(build) {
      build.onResolve({ filter: /^\.\/on-demand\/[a-z-]+\.ts$/ }, ({ path, kind }) =>
        kind === 'dynamic-import' ? { path: path.replace(/\.ts$/, '.mjs'), external: true } : undefined,
      )
    },
  }
}
