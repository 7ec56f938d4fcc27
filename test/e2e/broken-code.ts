import { code, manifest, type PluginCase, plugin, refused } from './plugin-case.ts'

/** A plugin whose code has one text in place of another. */
const changed = (name: string, from: string, to: string, options = {}): PluginCase => ({
  name,
  files: { 'plugin.yaml': manifest(name), 'plugin.ts': code(name, options).replace(from, to) },
})

/** Further mistakes in the code of a plugin. */
export const brokenCode: readonly PluginCase[] = [
  {
    ...changed('runless', 'run: async () => ({', 'walk: async () => ({'),
    ...refused('declaration_invalid', /runless_service\.greet: run must be a function/),
  },
  {
    ...changed('patching', `method: 'GET'`, `method: 'PATCH'`),
    ...refused('declaration_invalid', /http\.method: is PATCH; it must be one of GET, POST, PUT, DELETE/),
  },
  {
    ...changed('untitled', `title: 'untitled'`, `title: ''`),
    ...refused('declaration_invalid', /title: is ; it must be a text/),
  },
  {
    ...changed('idle_service', 'operations: { greet }', 'operations: {}'),
    ...refused('declaration_invalid', /operations: is a object; it must be a map of what operation/),
  },
  {
    ...changed('twin_services', 'services: [service]', 'services: [service, service]'),
    ...refused('service_duplicate', /twin_services_service/),
  },
  {
    ...changed(
      'twin_routes',
      'operations: { greet }',
      `operations: { greet, again: operation({ ...greet, name: 'again', input: z.strictObject({}), concerns: [publicAccess()], run: async () => ({ greeting: '' }) }) }`,
    ),
    ...refused('operation_duplicate', /GET \/v1\/twin_routes/),
  },
  {
    ...plugin('twin_roles', {
      code: {
        declarations: `const clerk = defineRole({ name: 'clerk', description: 'x' })`,
        definition: `roles: [clerk, defineRole({ name: 'clerk', description: 'y' })],`,
      },
    }),
    ...refused('role_duplicate', /clerk/),
  },
  {
    ...plugin('permissive', {
      code: {
        declarations: `const may = definePermission({ name: 'may', description: 'x' })`,
        concerns: '[requiresAuth({ permissions: [may] })]',
      },
    }),
    ...refused('permission_undeclared', /names the permission "may", which permissive does not declare/),
  },
  {
    ...plugin('restless', { code: { concerns: '[publicAccess(), scheduled({ everyMinutes: 0 })]' } }),
    ...refused('concern_invalid', /scheduled: everyMinutes must be a whole number from 1 to 525600, not 0/),
  },
  {
    ...plugin('demanding', {
      code: {
        concerns: '[publicAccess(), scheduled({ everyMinutes: 5 })]',
        input: 'z.strictObject({ size: z.string() })',
      },
    }),
    ...refused('concern_invalid', /demanding_service\.greet: scheduled, and its input refuses \{\}/),
  },
  {
    ...plugin('unlimited', { code: { concerns: '[publicAccess(), rateLimit({ requestsPerSecond: 0 })]' } }),
    ...refused('concern_invalid', /rateLimit: requestsPerSecond must be a number from .*, not 0/),
  },
  {
    ...plugin('disordered', { code: { concerns: '[rateLimit(), requiresAuth()]' } }),
    ...refused('concern_invalid', /requiresAuth must stand before rateLimit/),
  },
  {
    ...plugin('rowless', {
      code: {
        declarations: `const t = table({ name: 'rows', partition: 'nothing', row: z.strictObject({ id: z.string() }) })`,
        scope: '{ tables: [writes(t)] }',
      },
    }),
    ...refused('declaration_invalid', /greet\.scope\.tables "rows": .*nothing/),
  },
  {
    ...plugin('old_fashioned', {
      code: {
        declarations: `const k = defineKey({ name: 'old_key', purpose: 'sign', algorithms: ['MD5'] })`,
        scope: '{ keys: [signs(k)] }',
      },
    }),
    ...refused(
      'declaration_invalid',
      /greet\.scope\.keys "old_key": its algorithm "MD5" is not known; allowed: RSA-SHA256/,
    ),
  },
  {
    ...plugin('tense', {
      code: {
        declarations: `const e = defineEvent({ name: 'tension', version: 0, data: z.strictObject({}) })`,
        scope: '{ events: [publishes(e)] }',
      },
    }),
    ...refused(
      'declaration_invalid',
      /greet\.scope\.events "tension": its version is 0; it must be a whole number of at least 1/,
    ),
  },
  {
    ...plugin('torn', { files: { 'plugin.ts': `import './part.ts'\n${code('torn')}` } }),
    ...refused('plugin_failed', /torn\/part\.ts/),
  },
  {
    ...plugin('cramped', { code: { body: `constructor() { super(); throw new Error('no room') }` } }),
    ...refused('plugin_failed', /cramped: no room/),
  },
  {
    ...changed('undefined_class', 'definition = undefined_class\n', '\n', { body: 'async onStart() {}' }),
    ...refused('declaration_invalid', /the class in .*undefined_class\/plugin\.ts has no definition/),
  },
]
