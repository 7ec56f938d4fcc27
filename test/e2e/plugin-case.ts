import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A plugin folder that an author got wrong, or one that is right, beside Marty. */
export interface PluginCase {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  /** The code that health shows, and what the log says: file or field, what stands there, what is allowed. Undefined: it runs. */
  readonly refused?: { readonly code: string; readonly says: RegExp }
}

/** `plugin.yaml` of a plugin; a line of `more` replaces the one with the same field. */
export const manifest = (name: string, more = ''): string => {
  const lines = [`name: ${name}`, 'version: 1.0.0', `description: The plugin ${name}`, 'mmf_version: ^0.2']
  const fields = more.split('\n').map(line => line.split(':')[0])
  return `${[...lines.filter(line => !fields.includes(line.split(':')[0])), ...(more === '' ? [] : [more])].join('\n')}\n`
}

interface CodeOptions {
  readonly service?: string
  readonly path?: string
  readonly scope?: string
  readonly declarations?: string
  /** Body of the class; without it the module exports a definition only. */
  readonly body?: string
  readonly definition?: string
  readonly concerns?: string
  readonly input?: string
}

/** The code of a plugin with one service of one route, `GET /v1/<name>`. */
export const code = (name: string, options: CodeOptions = {}): string => {
  const {
    service = `${name}_service`,
    path = `/v1/${name}`,
    scope = '{}',
    declarations = '',
    definition = '',
  } = options
  const { concerns = '[publicAccess()]', input = 'z.strictObject({})' } = options
  return `import { calls, defineEvent, defineKey, definePlugin, definePermission, defineRole, defineService, MMFPlugin, pluginConfig, publicAccess, publishes, rateLimit, reads, requiresAuth, retry, scheduled, secretSetting, serviceScope, signs, table, trackMetrics, writes } from '@mmf/framework'
import * as z from 'zod'
${declarations}
const operation = serviceScope()('${service}', ${scope})
const greet = operation({
  name: 'greet',
  description: 'Greets',
  input: ${input},
  output: z.strictObject({ greeting: z.string() }),
  http: { method: 'GET', path: '${path}' },
  concerns: ${concerns},
  run: async () => ({ greeting: 'hello from ${name}' }),
})
const service = defineService({ name: '${service}', description: 'Greets', operations: { greet } })
export const ${name} = definePlugin({
  name: '${name}', title: '${name}', version: '1.0.0', description: 'The plugin ${name}', metricPrefix: '${name}',
  config: pluginConfig({ word: z.string().default('hello') }), services: [service],
  ${definition}
})
${options.body === undefined ? '' : `export class Plugin extends MMFPlugin {\n  definition = ${name}\n  ${options.body}\n}`}
`
}

export const plugin = (
  name: string,
  options: { yaml?: string; code?: CodeOptions; files?: Readonly<Record<string, string>> } = {},
): Pick<PluginCase, 'name' | 'files'> => ({
  name,
  files: { 'plugin.yaml': manifest(name, options.yaml), 'plugin.ts': code(name, options.code), ...options.files },
})

/** What a case expects. */
export const refused = (code: string, says: RegExp) => ({ refused: { code, says } })

export function writePlugins(folder: string, cases: readonly PluginCase[]): void {
  for (const { name, files } of cases) {
    for (const [file, text] of Object.entries(files)) {
      const path = join(folder, name, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  }
}
