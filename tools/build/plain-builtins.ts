import { builtinModules, isBuiltin } from 'node:module'
import type { Plugin } from 'esbuild'

const namespace = 'plain-builtins'

/**
 * Node's own modules for bundles, without a module record of their own. For each one that an ES module imports Node makes a record with all of its exports, which
 * costs 0.5 ms and reads getters: for `node:http` those of WebSocket and EventSource, and so the whole of undici (20 ms). A function imports a dozen of
 * them. `process.getBuiltinModule` makes and reads nothing.
 */
export function plainBuiltins(): Plugin {
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: builtins }, ({ path, kind }) => {
        if (!isBuiltin(path)) return undefined
        const name = path.startsWith('node:') ? path : `node:${path}`
        // What is required, or imported on demand, is read as Node does it. Of node:http that would be undici again.
        if (kind === 'require-call' || (kind === 'dynamic-import' && name !== http)) return undefined
        return { path: name, namespace, sideEffects: false }
      })
      build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: source(path), loader: 'js' }))
    },
  }
}

const http = 'node:http'

const builtins = new RegExp(`^(node:.+|${builtinModules.filter(name => /^[a-z/_0-9]+$/.test(name)).join('|')})$`)

/** What `path` exports. A getter of node:http does not exist here, so that its use fails in the build. */
function source(path: string): string {
  const found = process.getBuiltinModule(path) ?? {}
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(found)).filter(([, { enumerable }]) => enumerable)
  const names = descriptors
    .filter(([name, descriptor]) => canBeExported(name) && (path !== http || 'value' in descriptor))
    .map(([name]) => name)
  return [
    `const builtin = /* @__PURE__ */ process.getBuiltinModule('${path}')`,
    'export default builtin',
    ...names.map(name => `const $${name} = /* @__PURE__ */ (() => builtin.${name})()\nexport { $${name} as ${name} }`),
  ].join('\n')
}

const canBeExported = (name: string): boolean => name !== 'default' && /^[A-Za-z_$][\w$]*$/.test(name)
