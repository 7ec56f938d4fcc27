import { brokenCode } from './broken-code.ts'
import { brokenConfiguration, brokenPathCases } from './broken-configuration.ts'
import { brokenGateways } from './broken-gateways.ts'
import { brokenManifests } from './broken-manifests.ts'
import { brokenPermissions } from './broken-permissions.ts'
import { code, manifest, type PluginCase, plugin, refused } from './plugin-case.ts'

/** Each mistake of this table beside plugins that are right: each is refused alone. */
export const pluginCases: readonly PluginCase[] = [
  plugin('hello'),
  plugin('hooked', {
    code: {
      body: `async onInitialize() { console.log(JSON.stringify({ hook: 'initialize' })) }
  async onStart() { console.log(JSON.stringify({ hook: 'start' })) }
  async onStop() { console.log(JSON.stringify({ hook: 'stop' })) }`,
    },
  }),
  // The manifest.
  {
    ...plugin('newer', { yaml: 'mmf_version: ^9' }),
    ...refused('plugin_incompatible', /needs @mmf\/framework \^9, but this is 0\./),
  },
  {
    ...plugin('node_of_tomorrow', { yaml: 'node_version: ">=99"' }),
    ...refused('plugin_incompatible', /needs Node >=99/),
  },
  {
    ...plugin('lonely', { yaml: 'dependencies: [nobody_here]' }),
    ...refused('plugin_dependency_missing', /lonely 1\.0\.0 needs nobody_here \*/),
  },
  {
    ...plugin('old_friend', { yaml: 'dependencies: { hello: ^2 }' }),
    ...refused('plugin_incompatible', /needs hello \^2, but hello is 1\.0\.0/),
  },
  { ...plugin('chick', { yaml: 'dependencies: [egg]' }), ...refused('plugin_dependency_cycle', /chick → egg → chick/) },
  { ...plugin('egg', { yaml: 'dependencies: [chick]' }), ...refused('plugin_dependency_cycle', /chick → egg → chick/) },
  { ...plugin('follower', { yaml: 'dependencies: [newer]' }), ...refused('plugin_dependency_missing', /needs newer/) },
  {
    ...plugin('boastful', { yaml: 'services: [boastful_service, flying]' }),
    ...refused('manifest_invalid', /services is "boastful_service, flying" here and "boastful_service" in the code/),
  },
  {
    ...plugin('lost', { yaml: 'entry_point: ./main.ts' }),
    ...refused(
      'plugin_failed',
      /lost: entry_point is "\.\/main\.ts", and there is no .*; there is plugin\.ts, at .*plugin\.yaml:5/,
    ),
  },
  {
    ...plugin('escaping', { yaml: 'entry_point: ../hello/plugin.ts' }),
    ...refused('manifest_invalid', /entry_point .* is outside/),
  },
  {
    ...plugin('aged', { yaml: 'version: 2.0.0' }),
    ...refused('manifest_invalid', /version is "2\.0\.0" here and "1\.0\.0" in the code/),
  },
  {
    ...plugin('typo', { yaml: 'licence: MIT' }),
    ...refused('manifest_invalid', /licence: unknown setting; did you mean "license"\?.*plugin\.yaml:5/),
  },
  {
    ...plugin('mute', { yaml: 'description: 7' }),
    ...refused('manifest_invalid', /description: must be a string.*plugin\.yaml:4/),
  },
  ...brokenPermissions,
  ...brokenManifests,
  { ...plugin('eager', { yaml: 'priority: -1' }), ...refused('manifest_invalid', /priority/) },
  { name: 'unreadable', files: { 'plugin.yaml': 'name: [' }, ...refused('config_malformed', /plugin\.yaml:1/) },
  { name: 'empty', files: { 'plugin.yaml': '' }, ...refused('manifest_invalid', /plugin\.yaml/) },
  {
    name: 'shouting',
    files: { 'plugin.yaml': manifest('Shouting'), 'plugin.ts': '' },
    ...refused('manifest_invalid', /name: must match .*; there is "Shouting"/),
  },
  {
    name: 'codeless',
    files: { 'plugin.yaml': manifest('codeless') },
    ...refused('manifest_invalid', /has none of plugin\.ts, plugin\.js/),
  },
  // The code.
  {
    name: 'broken',
    files: { 'plugin.yaml': manifest('broken'), 'plugin.ts': 'export const = 1\n' },
    ...refused('plugin_failed', /broken: .*plugin\.ts cannot be imported/),
  },
  {
    name: 'bursting',
    files: { 'plugin.yaml': manifest('bursting'), 'plugin.ts': 'throw new Error("boom")\n' },
    ...refused('plugin_failed', /cannot be imported: boom/),
  },
  {
    name: 'blank',
    files: { 'plugin.yaml': manifest('blank'), 'plugin.ts': 'export const nothing = 1\n' },
    ...refused('plugin_failed', /exports no plugin/),
  },
  {
    name: 'twofold',
    files: { 'plugin.yaml': manifest('twofold'), 'plugin.ts': `${code('twofold')}export const second = twofold\n` },
    ...refused('manifest_invalid', /exports several plugins \(second, twofold\)/),
  },
  {
    name: 'renamed',
    files: { 'plugin.yaml': manifest('renamed'), 'plugin.ts': code('other_name') },
    ...refused('manifest_invalid', /name is "renamed" here and "other_name" in the code/),
  },
  {
    ...plugin('unguarded', { code: { concerns: '[]' } }),
    ...refused('operation_unprotected', /unguarded_service\.greet does not say who may call it; it takes requiresAuth/),
  },
  {
    ...plugin('needy', { files: { 'plugin.ts': `import 'no-such-package'\n${code('needy')}` } }),
    ...refused('plugin_failed', /no-such-package/),
  },
  ...brokenCode,
  ...brokenConfiguration,
  ...brokenPathCases,
  // What a type check would refuse, in a plugin that nothing compiled.
  {
    ...plugin('textual', { code: { concerns: `[requiresAuth({ roles: ['clerk'] })]` } }),
    ...refused(
      'role_undeclared',
      /textual_service\.greet names the role "clerk" as a text; it takes what defineRole gave/,
    ),
  },
  {
    ...plugin('undeclared', {
      code: {
        declarations: `const clerk = defineRole({ name: 'clerk', description: 'x' })`,
        concerns: '[requiresAuth({ roles: [clerk] })]',
      },
    }),
    ...refused('role_undeclared', /names the role "clerk", which undeclared does not declare/),
  },
  {
    ...plugin('asking', {
      code: {
        declarations: `const clerk = defineRole({ name: 'clerk', description: 'x' })`,
        scope: '{ roles: [clerk] }',
      },
    }),
    ...refused('role_undeclared', /the scope of asking_service names the role "clerk", which asking does not declare/),
  },
  {
    ...plugin('one_way', { code: { input: 'z.strictObject({ size: z.string().transform(text => text.length) })' } }),
    ...refused(
      'declaration_invalid',
      /one_way_service\.greet\.input\.size: a transform works in one direction only; use z\.codec/,
    ),
  },
  {
    ...plugin('schemaless', { code: { input: '{ size: "number" }' } }),
    ...refused('declaration_invalid', /greet\.input: is a object; it must be a schema of zod/),
  },
  {
    ...plugin('guardless', { code: { concerns: 'undefined' } }),
    ...refused('declaration_invalid', /guardless_service\.greet: concerns must be a list of concerns/),
  },
  {
    ...plugin('half_guarded', { code: { concerns: `['admin']` } }),
    ...refused('declaration_invalid', /concerns must be a list of concerns/),
  },
  {
    ...plugin('relative', { code: { path: 'v1/relative' } }),
    ...refused('declaration_invalid', /greet\.http\.path: is v1\/relative; it must be segments after slashes/),
  },
  {
    ...plugin('double', { code: { concerns: '[publicAccess(), requiresAuth()]' } }),
    ...refused('declaration_invalid', /more than one concern says who may call/),
  },
  {
    ...plugin('settled', { code: { definition: 'config: { word: "hello" },' } }),
    ...refused('declaration_invalid', /config: is a object; it must be what pluginConfig/),
  },
  {
    ...plugin('measured', { code: { definition: `metricPrefix: 'Has Spaces',` } }),
    ...refused('declaration_invalid', /metricPrefix: is Has Spaces; it must be snake_case/),
  },
  {
    ...plugin('serviceless', { code: { definition: 'services: {},' } }),
    ...refused('declaration_invalid', /serviceless\.services: is a object; it must be a list/),
  },
  {
    ...plugin('greedy', {
      code: { definition: 'config: pluginConfig({ inner: z.object({ a: z.string() }).optional() }),' },
    }),
    ...refused('config_invalid', /unknown settings would pass in inner/),
  },
  // The neighbours. Marty starts first, by its priority, and each of these takes something of it.
  {
    ...plugin('a_thief', { code: { path: '/v1/keys/jwks' } }),
    ...refused('plugin_conflict', /route "GET \/v1\/keys\/jwks": plugins "marty" and "a_thief" both declare it/),
  },
  {
    ...plugin('route_thief', { code: { path: '/v1/keys/jwks' } }),
    ...refused('plugin_conflict', /route "GET \/v1\/keys\/jwks": plugins "marty" and "route_thief" both declare it/),
  },
  {
    ...plugin('shadow', { code: { path: '/health' } }),
    ...refused('plugin_conflict', /route "GET \/health": plugins "platform" and "shadow"/),
  },
  {
    ...plugin('service_thief', { code: { service: 'pkd' } }),
    ...refused('plugin_conflict', /service "pkd": plugins "marty" and "service_thief"/),
  },
  {
    ...plugin('table_thief', {
      code: {
        declarations: `const t = table({ name: 'signature_records', partition: 'id', row: z.strictObject({ id: z.string() }) })`,
        scope: '{ tables: [writes(t)] }',
      },
    }),
    ...refused(
      'plugin_conflict',
      /table "signature_records": plugins "marty" and "table_thief" both declare it, and plugin "marty" does not export it for write/,
    ),
  },
  {
    ...plugin('reader', {
      yaml: 'dependencies: [marty]',
      code: {
        declarations: `const t = table({ name: 'trust_entries', partition: 'id', row: z.strictObject({ id: z.string() }) })`,
        scope: '{ tables: [reads(t)] }',
      },
    }),
    ...refused('plugin_conflict', /table "trust_entries": .*does not export it for read/),
  },
  {
    ...plugin('platform_thief', {
      code: {
        declarations: `const t = table({ name: 'outbox', partition: 'id', row: z.strictObject({ id: z.string() }) })`,
        scope: '{ tables: [writes(t)] }',
      },
    }),
    ...refused('plugin_conflict', /table "outbox": plugins "platform" and "platform_thief"/),
  },
  {
    ...plugin('limit_thief', {
      code: {
        declarations: `const t = table({ name: 'rate_limits', partition: 'id', row: z.strictObject({ id: z.string() }) })`,
        scope: '{ tables: [writes(t)] }',
      },
    }),
    ...refused('plugin_conflict', /table "rate_limits": plugins "platform" and "limit_thief"/),
  },
  {
    ...plugin('signer_thief', {
      code: {
        declarations: `const k = defineKey({ name: 'document_signer', purpose: 'sign', algorithms: ['RSA-SHA256'] })`,
        scope: '{ keys: [signs(k)] }',
      },
    }),
    ...refused('plugin_conflict', /key "document_signer": .*does not export it for sign/),
  },
  {
    ...plugin('usurper', {
      code: {
        declarations: `const r = defineRole({ name: 'trust_administrator', description: 'x' })`,
        definition: 'roles: [r],',
      },
    }),
    ...refused('plugin_conflict', /role "trust_administrator": plugins "marty" and "usurper"/),
  },
  {
    ...plugin('uninvited', {
      code: {
        declarations: `const theirs = { name: 'sign', service: 'document_signer', input: z.strictObject({}), output: z.strictObject({}), scope: {} }`,
        scope: `{ calls: [calls(theirs, 'marty')] }`,
      },
    }),
    ...refused(
      'plugin_conflict',
      /call "document_signer\.sign": plugin "uninvited" must name "marty" in its dependencies/,
    ),
  },
  {
    ...plugin('dreamer', {
      yaml: 'dependencies: [marty]',
      code: {
        declarations: `const theirs = { name: 'fly', service: 'document_signer', input: z.strictObject({}), output: z.strictObject({}), scope: {} }`,
        scope: `{ calls: [calls(theirs, 'marty')] }`,
      },
    }),
    ...refused('plugin_conflict', /call "document_signer\.fly": plugin "marty" has no such operation/),
  },
  ...brokenGateways,
  {
    ...plugin('falling', { code: { body: `async onInitialize() { throw new Error('no database of mine') }` } }),
    ...refused('plugin_failed', /no database of mine/),
  },
  {
    ...plugin('stumbling', { code: { body: `async onStart() { throw new Error('cannot begin') }` } }),
    ...refused('plugin_failed', /cannot begin/),
  },
]
