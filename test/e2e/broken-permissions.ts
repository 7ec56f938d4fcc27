import { type PluginCase, plugin, refused } from './plugin-case.ts'

/** Configuration files of plugins in this table. */
export const pluginSettings: Readonly<Record<string, string>> = {
  tattler: 'default:\n  word: "$' + '{SECRET:of_others}"\n',
}

/** Mistakes in what a manifest says of permissions and resources. */
export const brokenPermissions: readonly PluginCase[] = [
  {
    ...plugin('tattler', { yaml: 'permissions: { secrets: [my_own] }' }),
    ...refused(
      'config_invalid',
      /word: secret "of_others" cannot be resolved: .*permissions\.secrets of the manifest of tattler does not list it; it lists my_own, at .*tattler\.yaml:2/,
    ),
  },
  {
    ...plugin('boundless', {
      yaml: 'permissions: { tables: { nothing_here: write }, keys: [no_key], events: [no_event], egress: [example.org] }',
    }),
    ...refused(
      'manifest_invalid',
      /permissions\.tables\.nothing_here names "nothing_here", which no service declares in the code, at .*plugin\.yaml:5:\d+; permissions\.keys\.0 names "no_key".*permissions\.events\.0 names "no_event".*permissions\.egress\.0 names "example\.org"/,
    ),
  },
  {
    ...plugin('secretive', {
      yaml: 'permissions: {}',
      code: {
        declarations: `const hidden = table({ name: 'hidden', partition: 'id', row: z.strictObject({ id: z.string() }) })
const hidden_key = defineKey({ name: 'hidden_key', purpose: 'sign', algorithms: ['RSA-SHA256'] })`,
        scope: '{ tables: [reads(hidden)], keys: [signs(hidden_key)], egress: true }',
      },
    }),
    ...refused(
      'manifest_invalid',
      /permissions\.tables\.hidden is not there here and read in the code of secretive_service, at .*plugin\.yaml:5.*permissions\.keys lacks key "hidden_key" of secretive_service.*permissions\.egress names no host, and secretive_service sends requests outside/,
    ),
  },
  {
    ...plugin('overreaching', {
      yaml: 'permissions: { tables: { drawer: read } }',
      code: {
        declarations: `const drawer = table({ name: 'drawer', partition: 'id', row: z.strictObject({ id: z.string() }) })`,
        scope: '{ tables: [writes(drawer)] }',
      },
    }),
    ...refused('manifest_invalid', /permissions\.tables\.drawer is read here and write in the code/),
  },
  {
    ...plugin('addressed', { yaml: 'permissions: { egress: ["https://example.org/"] }' }),
    ...refused('manifest_invalid', /permissions\.egress\.0: must match.*plugin\.yaml:5/),
  },
  {
    ...plugin('keyless', { yaml: 'permissions: { tables: { drawer: append } }' }),
    ...refused('manifest_invalid', /permissions\.tables\.drawer: .*plugin\.yaml:5/),
  },
  {
    ...plugin('misspelt', { yaml: 'permissions: { egres: [example.org] }' }),
    ...refused('manifest_invalid', /permissions\.egres: unknown setting; did you mean "egress"\?.*plugin\.yaml:5/),
  },
  {
    ...plugin('hungry', { yaml: 'resources: { memory_mb: 64 }' }),
    ...refused('manifest_invalid', /resources\.memory_mb: .*128.*plugin\.yaml:5/),
  },
  {
    ...plugin('endless', { yaml: 'services: { endless_service: { timeout_seconds: 901 } }' }),
    ...refused('manifest_invalid', /services.*plugin\.yaml:5/),
  },
  {
    ...plugin('idle', { yaml: 'resources: { reserved_concurrency: 0 }' }),
    ...refused('manifest_invalid', /resources\.reserved_concurrency: .*plugin\.yaml:5/),
  },
  {
    ...plugin('workshop', { yaml: 'resources: { isolation: worker }' }),
    ...refused('manifest_invalid', /resources\.isolation: .*plugin\.yaml:5/),
  },
  {
    ...plugin('loud', { yaml: 'resources: { log_level: shout }' }),
    ...refused('manifest_invalid', /resources\.log_level: .*plugin\.yaml:5/),
  },
]
