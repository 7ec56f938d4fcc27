import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Plugin } from 'esbuild'
import { operationsFile } from '../../infra/plugins/operations-file.ts'
import type { PluginsModule, ServiceModule } from './service-modules.ts'

/** Entry points that no file stands for: `function:<file>` is the template over one service. */
const prefix = 'function:'

export const entryOf = ({ file }: ServiceModule) => ({ in: `${prefix}${file}`, out: file })

/** The entry of what the platform's own function reads for OpenAPI. */
export const operationsEntry = { in: 'operations:', out: `on-demand/${operationsFile}` }

/**
 * Answers `./built/plugins.js`, and makes the entry of each service: the template, with `./built/service.js` answered for that service.
 * @param template the path of `service.template.ts`; its relative imports count from there
 */
export function builtModules(template: string, services: readonly ServiceModule[], plugins: PluginsModule): Plugin {
  const resolveDir = dirname(template)
  const codeOf = new Map(services.map(({ file, code }) => [file, code]))
  return {
    name: 'built-modules',
    setup(build) {
      build.onResolve({ filter: /^function:/ }, ({ path }) => ({
        path: path.slice(prefix.length),
        namespace: 'function',
      }))
      build.onLoad({ filter: /./, namespace: 'function' }, () => ({
        contents: readFileSync(template, 'utf8'),
        loader: 'ts',
        resolveDir,
      }))
      build.onResolve({ filter: /^\.\/built\/service\.js$/ }, ({ importer, namespace }) =>
        namespace === 'function' ? { path: importer, namespace: 'service' } : undefined,
      )
      build.onLoad({ filter: /./, namespace: 'service' }, ({ path }) => ({
        contents: codeOf.get(path) ?? '',
        loader: 'js',
        resolveDir,
      }))
      build.onResolve({ filter: /^\.\/built\/plugins\.js$/ }, () => ({ path: 'plugins', namespace: 'plugins' }))
      build.onLoad({ filter: /./, namespace: 'plugins' }, () => ({
        contents: plugins.code,
        loader: 'js',
        resolveDir,
      }))
      build.onResolve({ filter: /^operations:/ }, () => ({ path: 'operations', namespace: 'operations' }))
      build.onLoad({ filter: /./, namespace: 'operations' }, () => ({
        contents: plugins.operations ?? '',
        loader: 'js',
      }))
    },
  }
}
