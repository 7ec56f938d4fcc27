import { relative, sep } from 'node:path'
import type { Metafile } from 'esbuild'
import { authorRoot } from '../../infra/plugins/roots.ts'

/** Which source bytes went into which file. Budgets and architecture checks read it; output paths are relative to the output folder. */
export interface BuildMeta {
  readonly layer: Outputs
  readonly handlers: Outputs
}

export interface Outputs {
  readonly outputs: Readonly<Record<string, Output>>
}

export interface Output {
  readonly bytes: number
  readonly entryPoint?: string
  readonly imports: readonly { readonly path: string; readonly kind: string; readonly external?: boolean }[]
  readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>
}

export function mergeMetafiles(metafiles: readonly Metafile[], out: string): Outputs {
  const outputs: Record<string, Output> = {}
  const prefix = `${relative(authorRoot(), out).split(sep).join('/')}/`
  const below = (path: string): string => (path.startsWith(prefix) ? path.slice(prefix.length) : path)
  for (const metafile of metafiles) {
    for (const [path, { bytes, entryPoint, imports, inputs }] of Object.entries(metafile.outputs)) {
      if (path.endsWith('.map')) continue
      outputs[below(path)] = {
        bytes,
        ...(entryPoint === undefined ? {} : { entryPoint }),
        imports: imports.map(i => ({ path: below(i.path), kind: i.kind, ...(i.external ? { external: true } : {}) })),
        inputs,
      }
    }
  }
  return { outputs: Object.fromEntries(Object.entries(outputs).sort(([a], [b]) => (a < b ? -1 : 1))) }
}

/** The npm package a source path belongs to, or undefined for our own sources. */
export function packageOf(input: string): string | undefined {
  return /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]
}
