import { registerHooks } from 'node:module'
import { transformSync } from 'esbuild'

/** A line that begins with a decorator. One in a text that merely looks so costs a transformation that changes nothing. */
const decorated = /^\s*@[A-Za-z_$][\w$.]*\s*(\(|$)/m

/**
 * Does work that imports modules which may have standard (TC39) decorators: Node strips types but does not lower decorators, so esbuild does, as it does
 * in the bundles. Modules without them stay with Node, and what is imported afterwards does, too.
 */
export async function withDecorators<T>(work: () => Promise<T>): Promise<T> {
  const hooks = lowerDecorators()
  try {
    return await work()
  } finally {
    hooks.deregister()
  }
}

function lowerDecorators() {
  return registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context)
      const { format, source } = loaded
      if (!url.startsWith('file:') || (format !== 'module-typescript' && format !== 'module')) return loaded
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source as Uint8Array)
      if (!decorated.test(text)) return loaded
      const loader = format === 'module' ? 'js' : 'ts'
      const { code } = transformSync(text, {
        loader,
        format: 'esm',
        target: 'node24',
        sourcemap: 'inline',
        sourcefile: url,
      })
      return { ...loaded, format: 'module', source: code }
    },
  })
}
