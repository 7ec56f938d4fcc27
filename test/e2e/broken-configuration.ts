import { type PluginCase, plugin, refused } from './plugin-case.ts'

const broken = (name: string, says: RegExp, code = 'config_invalid'): PluginCase => ({
  ...plugin(name),
  ...refused(code, says),
})

/** Configuration files of plugins in this table, by plugin. */
export const brokenSettings: Readonly<Record<string, string>> = {
  open_bracket: 'default:\n  word: [one\n',
  misnamed: 'default:\n  wrod: hello\n',
  mistyped: 'default:\n  word: 7\n',
  sectioned: 'defaults:\n  word: hello\n',
  of_another_version: 'default:\n  version: 2.0.0\n',
  unset: 'default:\n  word: "$' + '{NOBODY_SETS_THIS}"\n',
  unhidden: 'default:\n  word: "$' + '{SECRET:nobody_knows}"\n',
  sectionless: 'word: hello\n',
}

/** Mistakes in the configuration of a plugin: each is refused alone. */
export const brokenConfiguration: readonly PluginCase[] = [
  broken('open_bracket', /open_bracket\.yaml:[23]/, 'config_malformed'),
  broken('misnamed', /wrod: unknown setting; known here: enabled, version, word, at .*misnamed\.yaml:2/),
  broken('mistyped', /word: must be a string, received a number, at .*mistyped\.yaml:2/),
  broken('sectioned', /sectioned\.yaml:1:1: "defaults" is no section; did you mean "default"\?/),
  broken('sectionless', /sectionless\.yaml:1:1: "word" is no section; The sections are default/),
  broken(
    'of_another_version',
    /its configuration is for version 2\.0\.0, the plugin is 1\.0\.0, at .*of_another_version\.yaml:2/,
    'plugin_incompatible',
  ),
  broken('unset', /NOBODY_SETS_THIS.*unset\.yaml:2/),
  {
    ...plugin('overridden', { code: { definition: 'config: pluginConfig({ count: z.int().default(1) }),' } }),
    ...refused(
      'config_invalid',
      /count: must be a number, received a string, at environment variable MMF__plugins__overridden__count/,
    ),
  },
  {
    ...plugin('unhidden', { code: { definition: 'config: pluginConfig({ word: secretSetting() }),' } }),
    ...refused('config_invalid', /secret "nobody_knows".*unhidden\.yaml:2/),
  },
  {
    ...plugin('unconfigured', { code: { definition: 'config: pluginConfig({ word: z.string() }),' } }),
    ...refused('config_invalid', /word: .*unconfigured\.yaml/),
  },
]

/** Variables that these cases are started with. */
export const brokenVariables: Readonly<Record<string, string>> = { MMF__plugins__overridden__count: 'many' }

/** What `MMF_PLUGIN_DISCOVERY_PATHS` names beside the plugins; the first is not there, the second is a file. */
export const brokenPaths = ['no_such_folder', 'a_file'] as const

export const brokenPathCases: readonly PluginCase[] = [
  {
    name: 'no_such_folder',
    files: {},
    ...refused('config_unreadable', /no_such_folder is not there; plugins\.discovery_paths takes folders/),
  },
  {
    name: 'a_file',
    files: {},
    ...refused('config_unreadable', /a_file is a file; plugins\.discovery_paths takes folders/),
  },
]
