import { manifest, type PluginCase, plugin, refused } from './plugin-case.ts'

/** Further mistakes in a manifest, and in the modules that it names. */
export const brokenManifests: readonly PluginCase[] = [
  {
    name: 'listed',
    files: { 'plugin.yaml': '- name: listed\n' },
    ...refused('manifest_invalid', /must be an object, received a list of 1/),
  },
  {
    name: 'said_twice',
    files: { 'plugin.yaml': `${manifest('said_twice')}version: 1.0.1\n` },
    ...refused('config_malformed', /said_twice\/plugin\.yaml:5.*version/),
  },
  {
    ...plugin('tabbed', { files: { 'plugin.yaml': 'name: tabbed\nservices:\n\t- one\n' } }),
    ...refused('config_malformed', /tabbed\/plugin\.yaml:3/),
  },
  {
    ...plugin('half_version', { yaml: 'version: one' }),
    ...refused('manifest_invalid', /version: must be a version such as "1\.2\.3"; there is "one", at .*plugin\.yaml:4/),
  },
  {
    ...plugin('newest', { yaml: 'mmf_version: newest' }),
    ...refused('manifest_invalid', /mmf_version: must be a version range such as "\^1\.2", .*; there is "newest"/),
  },
  {
    ...plugin('spelled', { yaml: 'enabled: "no"' }),
    ...refused('manifest_invalid', /enabled: must be true or false, received a string.*plugin\.yaml:5/),
  },
  {
    ...plugin('homeless', { yaml: 'homepage: our house' }),
    ...refused('manifest_invalid', /homepage: must be a URL; there is "our house"/),
  },
  {
    ...plugin('ghostly', { yaml: 'entry_point: ./plugin.ts#ghost' }),
    ...refused('plugin_failed', /exports no plugin "ghost"; it exports ghostly/),
  },
  {
    ...plugin('picky', { yaml: 'optional_dependencies: { hello: ^2 }' }),
    ...refused('plugin_incompatible', /needs hello \^2, but hello is 1\.0\.0, at .*picky\/plugin\.yaml:5/),
  },
  {
    ...plugin('narcissus', { yaml: 'dependencies: [narcissus]' }),
    ...refused('plugin_dependency_cycle', /narcissus → narcissus/),
  },
  {
    ...plugin('ranged', { yaml: 'dependencies: { hello: latest }' }),
    ...refused('manifest_invalid', /dependencies.*a version range.*plugin\.yaml:5/),
  },
  // What only the build reads: it leaves these out, and makes the others.
  {
    ...plugin('astray', { yaml: 'services: { astray_service: { module: ./nowhere.ts } }' }),
    ...refused('plugin_failed', /services\.astray_service\.module: .*astray\/nowhere\.ts is not there/),
  },
  {
    ...plugin('mistaken', {
      yaml: 'services: { mistaken_service: { module: ./other.ts } }',
      files: { 'other.ts': 'export const nothing = 1\n' },
    }),
    ...refused(
      'plugin_failed',
      /other\.ts does not export the service "mistaken_service" that the plugin has; it exports nothing/,
    ),
  },
  {
    ...plugin('trespassing', { yaml: 'services: { trespassing_service: { module: ../hello/plugin.ts } }' }),
    ...refused('plugin_failed', /services\.trespassing_service\.module: "\.\.\/hello\/plugin\.ts" is outside/),
  },
  {
    ...plugin('domainless', { yaml: 'domain: ./domain.ts' }),
    ...refused('plugin_failed', /domain: .*domainless\/domain\.ts is not there/),
  },
  {
    ...plugin('exotic', { code: { declarations: `z.locales` } }),
    ...refused('plugin_failed', /exotic\/plugin\.ts:3:\d+: zod's "locales" is not in the layer/),
  },
  {
    ...plugin('hanging_on', { yaml: 'dependencies: [exotic]' }),
    ...refused('plugin_dependency_missing', /needs exotic \*, which is not there/),
  },
]
