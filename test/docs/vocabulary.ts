import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type AnyOperation,
  catalogue,
  createPluginConfigManager,
  environments,
  type PluginDefinition,
} from '@mmf/framework'
import { cacheTable, deliveryTable, idempotencyTable, keyCatalogue, outboxTable } from '@mmf/framework/embedded'
import { operationsOf, resourcesOf } from '@mmf/framework/internal'
import { failures } from '../../cli/failure.ts'
import { alarmsOf, platformAlarms } from '../../layer/framework/src/derive/alarms-of.ts'
import { platformService } from '../../layer/framework/src/http/platform/platform-service.ts'
import { createLogLevels, defaultLevels } from '../../layer/framework/src/observability/log-levels.ts'
import { pluginManifestSchema } from '../../layer/framework/src/runtime/manifest-schema.ts'
import { pluginTransitions } from '../../layer/framework/src/runtime/state-machine.ts'
import { plugins } from '../support/plugins.ts'
import { root } from './pages.ts'

const declaredOnly = async (): Promise<never> => {
  throw new TypeError('declarations only')
}

/** The platform's own routes, also those of the local runner. */
const platform = platformService({
  health: declaredOnly,
  serviceHealth: declaredOnly,
  pluginHealth: declaredOnly,
  ready: declaredOnly,
  openapi: async () => ({}),
  metrics: () => '',
  logLevels: createLogLevels(defaultLevels),
  traces: () => [],
  waitingEvents: { list: declaredOnly },
  deadLetters: { list: declaredOnly, replay: declaredOnly, discard: declaredOnly },
  apiKeys: { list: declaredOnly, get: declaredOnly, create: declaredOnly, rotate: declaredOnly, revoke: declaredOnly },
  operationNames: () => [],
})

const operations: readonly AnyOperation[] = [...plugins.flatMap(operationsOf), ...Object.values(platform.operations)]

const routes = operations.flatMap(({ http }) =>
  http === undefined ? [] : [new RegExp(`^${http.method} ${http.path.replace(/\{[^}]*\}/g, '[^/]+')}$`)],
)

/** Whether something answers `GET /v1/keys/{keyId}`, whatever stands for its parameters. */
export const isRoute = (text: string): boolean => routes.some(route => route.test(text))

/** Every metric that a declaration or an alarm looks at or the HTTP layer makes, without a suffix. */
export const metrics: ReadonlySet<string> = new Set([
  ...plugins.flatMap(plugin =>
    operationsOf(plugin).flatMap(({ declares }) =>
      declares.metric === undefined ? [] : [`${plugin.metricPrefix}_${declares.metric.metricName}`],
    ),
  ),
  ...[
    ...platformAlarms,
    ...plugins.flatMap(plugin => plugin.services.flatMap(service => alarmsOf(plugin, service))),
  ].map(({ metricName }) => stem(metricName)),
  ...[
    ...['layer/framework/src/{http,config,observability,resilience,contract}/**/*.ts', 'infra/local/**/*.ts'].flatMap(
      files => [...sourceText(files).matchAll(/'(mmf_\w+)'/g)],
    ),
  ].map(([, name = '']) => stem(name)),
])

/** `x_total`, `x_duration_seconds_sum` → `x`. */
export function stem(metric: string): string {
  return metric.replace(/_total$|(_duration)?_seconds(_sum|_count)?$/, '')
}

/** Environment variables that something reads: their names stand in the sources. */
export const sources: string =
  sourceText('{layer,handlers,infra,cli,tools,plugins}/**/*.{ts,mjs}') + readAll('config/**/*.yaml')

/** Words in snake_case that mean something: codes, settings, names of what is declared. */
export const words: ReadonlySet<string> = new Set([
  ...Object.keys(catalogue),
  ...Object.keys(failures),
  ...environments,
  ...Object.keys(pluginTransitions),
  ...Object.keys(pluginManifestSchema.shape),
  ...settings().flatMap(path => path.split('.')),
  ...plugins.flatMap(declaredWords),
  ...operations.flatMap(operationWords),
  ...[cacheTable, deliveryTable, idempotencyTable, keyCatalogue, outboxTable].map(({ name }) => name),
  // Codes of findings and reasons of verdicts are literals.
  ...[...sourceText('{layer/*/src,plugins}/**/*.ts').matchAll(/'([a-z][a-z0-9]*(?:_[a-z0-9]+)+)'/g)].map(
    ([, word = '']) => word,
  ),
])

function declaredWords(plugin: PluginDefinition): readonly string[] {
  const { tables, keys, events } = resourcesOf(plugin)
  return [
    plugin.name,
    plugin.metricPrefix,
    ...[...(plugin.roles ?? []), ...(plugin.permissions ?? [])].map(({ name }) => name),
    ...plugin.services.map(({ name }) => name),
    ...plugin.services.flatMap(service => alarmsOf(plugin, service).flatMap(({ name, metric }) => [name, metric])),
    ...tables.flatMap(({ name, indexes }) => [name, ...Object.keys(indexes)]),
    ...[...keys, ...events].map(({ name }) => name),
  ]
}

function operationWords({ name, declares }: AnyOperation): readonly string[] {
  const { auth, metric, trace } = declares
  return [
    name,
    ...(auth?.access === 'authenticated'
      ? [...auth.roles, ...auth.permissions].map(definition => definition.name)
      : []),
    ...(metric === undefined ? [] : [metric.metricName]),
    ...(trace === undefined ? [] : [trace.operationName]),
  ]
}

interface Property {
  readonly properties?: Readonly<Record<string, Property>>
  /** The entries of a map with names that are chosen in the configuration. */
  readonly additionalProperties?: Property | boolean
}

/** Dotted paths of every setting of the platform and of the plugins, and of the maps they lie in; `*` stands for a name of one's choice. */
export function settings(): readonly string[] {
  const schemas = Object.fromEntries(plugins.map(({ name, config }) => [name, config]))
  const manager = createPluginConfigManager({ environment: 'testing', env: {}, schemas })
  const paths = ({ properties = {} }: Property, prefix = ''): string[] =>
    Object.entries(properties).flatMap(([name, property]) => [
      `${prefix}${name}`,
      ...paths(property, `${prefix}${name}.`),
      ...(typeof property.additionalProperties === 'object'
        ? paths(property.additionalProperties, `${prefix}${name}.*.`)
        : []),
    ])
  return ['base', ...manager.list()].flatMap(name => paths(manager.jsonSchema(name) as Property))
}

function sourceText(pattern: string): string {
  return readAll(pattern, ['**/*.test.ts', '**/node_modules/**'])
}

function readAll(pattern: string, exclude: readonly string[] = []): string {
  return globSync(pattern, { cwd: root, exclude: [...exclude] })
    .map(file => readFileSync(join(root, file), 'utf8'))
    .join('\n')
}
