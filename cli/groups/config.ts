import type { Call, CommandRow, OptionRow } from '../command.ts'
import type { ConfigCommandOptions } from '../commands/config.ts'

const folder: OptionRow = {
  name: 'config-dir',
  value: 'folder',
  summary: 'folder of base.yaml; default MMF_CONFIG_DIR or ./config',
  kind: 'folder',
}
const environment: OptionRow = {
  name: 'environment',
  value: 'name',
  summary: 'default MMF_ENVIRONMENT, else development',
  allowed: ['development', 'testing', 'staging', 'production'],
}
const plugin: OptionRow = { name: 'plugin', value: 'name', summary: 'only this plugin, or base' }
const onePlugin: OptionRow = { name: 'plugin', value: 'name', summary: 'a plugin, or base', required: true }

export const configCommands: readonly CommandRow[] = [
  {
    path: 'config validate',
    summary: 'check the files against their schemas; exit code 1 where one is invalid',
    options: [plugin, environment, { name: 'all-environments', summary: 'check them for every environment' }, folder],
    examples: [
      { call: 'config validate', says: 'base and every plugin, for the environment at hand' },
      { call: 'config validate --all-environments --plugin marty', says: 'one plugin, wherever it may run' },
    ],
    async run(call) {
      const { configValidate } = await import('../commands/config.ts')
      return configValidate({ ...(await optionsOf(call)), allEnvironments: call.on('all-environments') }, call.colours)
    },
  },
  {
    path: 'config show',
    summary: 'print the settings in force, secrets redacted',
    options: [plugin, environment, folder, { name: 'explain', summary: 'say where each setting comes from' }],
    examples: [
      { call: 'config show --plugin marty --explain', says: 'each setting with its file and line, or variable' },
    ],
    async run(call) {
      const { configShow } = await import('../commands/config.ts')
      return configShow({ ...(await optionsOf(call)), explain: call.on('explain') })
    },
  },
  {
    path: 'config explain',
    summary: 'say of a setting what it means, takes and is now, in each environment',
    arguments: [{ name: 'key', summary: 'server.port, marty.signing_algorithms, or the variable that overrides it' }],
    options: [plugin, { ...environment, summary: 'only this one; default all' }, folder],
    examples: [
      { call: 'config explain server.port', says: 'a setting of the platform' },
      { call: 'config explain marty.signing_algorithms', says: 'a setting of a plugin' },
    ],
    async run(call) {
      const { configExplain } = await import('../commands/config-explain.ts')
      return configExplain({ ...(await optionsOf(call)), key: call.argument('key') })
    },
  },
  {
    path: 'config schema',
    summary: 'print the JSON Schema of a configuration',
    options: [onePlugin],
    document: true,
    examples: [{ call: 'config schema --plugin marty', says: 'for the editor' }],
    async run(call) {
      const { configSchema } = await import('../commands/config.ts')
      return configSchema({ plugins: await plugins(call), env: call.env, plugin: call.value('plugin') })
    },
  },
  {
    path: 'config template',
    summary: 'print a file with every setting, its meaning and its default',
    options: [onePlugin],
    document: true,
    examples: [{ call: 'config template --plugin marty', says: 'to begin a file with' }],
    async run(call) {
      const { configTemplateOf } = await import('../commands/config.ts')
      return configTemplateOf({ plugins: await plugins(call), env: call.env, plugin: call.value('plugin') })
    },
  },
]

/** All that were found, also those whose configuration is not valid: that is what is asked for here. */
async function plugins(call: Call) {
  const [{ pluginsHere }, { answering }, { authorRoot }] = await Promise.all([
    import('../../infra/plugins/plugins-here.ts'),
    import('../mmf-failure.ts'),
    import('../../infra/plugins/roots.ts'),
  ])
  const here = { root: authorRoot(), env: call.env, checksConfig: false }
  const { plugins: found } = await answering(() => pluginsHere(here))
  return found.map(({ definition }) => definition)
}

async function optionsOf(call: Call): Promise<ConfigCommandOptions> {
  const { json, env } = call
  const [{ configFolder }, { authorRoot, isInstalled }] = await Promise.all([
    import('../../infra/plugins/config-folder.ts'),
    import('../../infra/plugins/roots.ts'),
  ])
  // In the repository, messages name the files as they are called from here.
  const folderHere = isInstalled ? { configDir: configFolder(authorRoot(), env) } : {}
  return { plugins: await plugins(call), env, json, ...folderHere, ...call.given('plugin', 'environment', 'configDir') }
}
