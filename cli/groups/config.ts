import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { pluginsHere } from '../../infra/plugins/plugins-here.ts'
import {
  type ConfigCommandOptions,
  configSchema,
  configShow,
  configTemplateOf,
  configValidate,
} from '../commands/config.ts'
import type { CommandGroup } from './group.ts'

const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url))

interface Flags {
  readonly plugin?: string
  readonly environment?: string
  readonly configDir?: string
  readonly json?: boolean
  readonly explain?: boolean
}

/** A plugin that cannot run has a configuration all the same, but no schema that could be asked for. */
const optionsOf = async ({ explain: _explain, ...flags }: Flags): Promise<ConfigCommandOptions> => {
  const { environment, configDir } = flags
  const { plugins } = await pluginsHere({ root: repositoryRoot, env: process.env, environment, configDir })
  return { plugins: plugins.map(({ definition }) => definition), env: process.env, ...flags }
}

const common = (command: Command): Command =>
  command
    .option('--environment <name>', 'development, testing, staging or production')
    .option('--config-dir <folder>', 'folder of base.yaml; default MMF_CONFIG_DIR or ./config')
    .option('--json', 'print JSON')

export const configGroup: CommandGroup = (cli, done) => {
  const config = cli.command('config').description('check and show configuration')
  common(config.command('validate').description('check the files against their schemas'))
    .option('--plugin <name>', 'only this plugin, or base')
    .action(async (flags: Flags) => done(await configValidate(await optionsOf(flags))))
  common(config.command('show').description('print the settings in force, secrets redacted'))
    .option('--plugin <name>', 'only this plugin, or base')
    .option('--explain', 'say where each setting comes from')
    .action(async (flags: Flags) =>
      done(await configShow({ ...(await optionsOf(flags)), explain: flags.explain ?? false })),
    )
  config
    .command('schema')
    .description('print the JSON Schema of a configuration')
    .requiredOption('--plugin <name>', 'a plugin, or base')
    .action(async ({ plugin }: { plugin: string }) => done(await configSchema({ ...(await optionsOf({})), plugin })))
  config
    .command('template')
    .description('print a file with every setting, its meaning and its default')
    .requiredOption('--plugin <name>', 'a plugin, or base')
    .action(async ({ plugin }: { plugin: string }) =>
      done(await configTemplateOf({ ...(await optionsOf({})), plugin })),
    )
}
