import type { Plugin } from 'esbuild'

const namespace = 'plain-http'

/**
 * `node:http` for bundles, without the WebSocket and EventSource classes that it has getters for. Importing it as an ES module
 * reads every one of its exports, getters included, and so loads the whole of undici: 20 ms, a quarter of what a function with two SDK
 * clients takes to start, for something that is never called here. `process.getBuiltinModule` reads nothing.
 */
export function plainHttp(): Plugin {
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
        kind === 'require-call' ? undefined : { path: 'node:http', namespace, sideEffects: false },
      )
      build.onLoad({ filter: /.*/, namespace }, ({ path }) => ({ contents: source(path), loader: 'js' }))
    },
  }
}

/** What `path` exports as a value; a name that is a getter there does not exist here, so that its use fails in the build. */
function source(path: string): string {
  const descriptors = Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(path) ?? {}))
  const names = descriptors.filter(([, descriptor]) => 'value' in descriptor).map(([name]) => name)
  return [
    `const http = process.getBuiltinModule('${path}')`,
    'export default http',
    ...names.map(name => `export const ${name} = /* @__PURE__ */ (() => http.${name})()`),
  ].join('\n')
}
