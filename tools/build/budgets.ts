import type { BuildMeta, Output } from './meta.ts'
import { packageOf } from './meta.ts'

/** A size that was measured, and what it may be. */
export interface Measured {
  readonly what: string
  readonly bytes: number
  readonly limit: number
}

const kb = 1000

/** Largest sizes in bytes, minified. Glue is what comes from `handlers/`; the AWS SDK counts in the whole only. */
const limits = {
  layer: 690 * kb,
  layerOnDemand: 300 * kb,
  zod: 125 * kb,
  handlerGlue: 20 * kb,
  /** A function serves one service of a plugin. */
  handlerPlugins: 118 * kb,
  /** The platform's own function holds plugins without their services: those are data there. */
  platformPlugins: 20 * kb,
  handler: 700 * kb,
} as const

const pluginLimit = (file: string): number =>
  file.endsWith('/platform.mjs') ? limits.platformPlugins : limits.handlerPlugins

const isScript = (file: string): boolean => file.endsWith('.mjs')

function bytesFrom(folder: string, { inputs }: Output): number {
  return Object.entries(inputs).reduce(
    (sum, [path, { bytesInOutput }]) => sum + (path.startsWith(folder) ? bytesInOutput : 0),
    0,
  )
}

/** What the entries import statically. The rest (tracer, curves, …) is imported by the code that needs it, when it needs it. */
function loadedAtStart(outputs: BuildMeta['layer']['outputs']): ReadonlySet<string> {
  const found = new Set<string>()
  const queue = Object.keys(outputs).filter(
    file => outputs[file]?.entryPoint !== undefined && !file.includes('/chunks/'),
  )
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue
    found.add(file)
    const imports = outputs[file]?.imports ?? []
    queue.push(
      ...imports.filter(({ kind, external }) => kind === 'import-statement' && !external).map(({ path }) => path),
    )
  }
  return found
}

/** The sizes of a build. */
export function measure(meta: BuildMeta): readonly Measured[] {
  const layer = Object.entries(meta.layer.outputs).filter(([file]) => isScript(file))
  const bytes = (files: typeof layer) => files.reduce((sum, [, output]) => sum + output.bytes, 0)
  const atStart = loadedAtStart(meta.layer.outputs)
  return [
    { what: 'layer, loaded at start', bytes: bytes(layer.filter(([file]) => atStart.has(file))), limit: limits.layer },
    {
      what: 'layer, loaded on demand',
      bytes: bytes(layer.filter(([file]) => !atStart.has(file))),
      limit: limits.layerOnDemand,
    },
    { what: 'layer: zod', bytes: bytes(layer.filter(([file]) => file.includes('/zod/'))), limit: limits.zod },
    ...Object.entries(meta.handlers.outputs)
      .filter(([file]) => isScript(file))
      .flatMap(([file, output]) => [
        { what: `${file}: glue`, bytes: bytesFrom('handlers/', output), limit: limits.handlerGlue },
        { what: `${file}: plugins`, bytes: bytesFrom('plugins/', output), limit: pluginLimit(file) },
        { what: file, bytes: output.bytes, limit: limits.handler },
      ]),
  ]
}

/**
 * What must not be in a bundle: the AWS SDK in the layer (it would come before the runtime's for every function), layer code in a handler, the
 * same package in both (its state would exist twice), or a package from two places.
 */
export function foreignParts({ layer, handlers }: BuildMeta): readonly string[] {
  const inputs = (outputs: BuildMeta['layer']) =>
    Object.entries(outputs.outputs).flatMap(([file, output]) =>
      Object.keys(output.inputs).map(input => ({ file, input })),
    )
  const inLayer = inputs(layer)
  const inHandlers = inputs(handlers)
  const layerPackages = new Set(inLayer.map(({ input }) => packageOf(input)).filter(name => name !== undefined))
  const sdk = inLayer.filter(({ input }) => /node_modules\/@(aws-sdk|smithy)\//.test(input) && !isXrayPart(input))
  const ours = inHandlers.filter(({ input }) => /^layer\//.test(input))
  const twice = inHandlers.filter(({ input }) => layerPackages.has(packageOf(input) ?? ''))
  const unique = (lines: readonly string[]) => [...new Set(lines)]
  return [
    ...unique(sdk.map(({ input }) => `the layer holds ${packageOf(input)}`)),
    ...unique(ours.map(({ file, input }) => `${file} holds layer code: ${input}`)),
    ...unique(twice.map(({ file, input }) => `${file} and the layer both hold ${packageOf(input)}`)),
    ...secondCopies([...inLayer, ...inHandlers].map(({ input }) => input)),
  ]
}

/** The X-Ray SDK inlines 1 KB of error classification; it cannot be imported by anyone else, so it shadows nothing. */
const isXrayPart = (input: string): boolean => input.includes('@smithy/service-error-classification/')

function secondCopies(inputs: readonly string[]): readonly string[] {
  const places = new Map<string, Set<string>>()
  for (const input of inputs) {
    const name = packageOf(input)
    if (name === undefined) continue
    const place = input.slice(0, input.lastIndexOf(`node_modules/${name}/`))
    places.set(name, (places.get(name) ?? new Set()).add(place))
  }
  return [...places]
    .filter(([, found]) => found.size > 1)
    .map(([name, found]) => `${name} from ${[...found].sort().join(' and ')}`)
}
