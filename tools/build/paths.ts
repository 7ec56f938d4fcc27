import { join } from 'node:path'
import { productRoot } from '../../infra/plugins/roots.ts'

/** The root of the repository. */
export const root = productRoot

/** Where the artefacts of a build lie, below its output folder. */
export function artefacts(out: string) {
  const modules = join(out, 'layer/nodejs/node_modules')
  return {
    /** What CDK makes the Lambda layer from; unpacked at /opt. */
    layer: join(out, 'layer'),
    modules,
    handlers: join(out, 'handlers'),
    meta: join(out, 'meta.json'),
  }
}
