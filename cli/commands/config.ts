import {
  createPluginConfigManager,
  defined,
  environments,
  type MmfError,
  type PluginConfigManager,
  type PluginDefinition,
} from '@mmf/framework'
import { type Colours, plain } from '../colours.ts'
import { failure } from '../failure.ts'
import { answering } from '../mmf-failure.ts'
import type { CommandResult } from '../result.ts'
import { configTemplate } from './config-template.ts'

export interface ConfigCommandOptions {
  /** The plugins whose configuration can be asked for. */
  readonly plugins: readonly PluginDefinition[]
  /** A plugin, or `base`. Default: `base` and every plugin. */
  readonly plugin?: string
  /** Default: `MMF_ENVIRONMENT`, else `development`. */
  readonly environment?: string
  readonly configDir?: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json?: boolean
}

/** The environment of the options, of MMF_ENVIRONMENT, or development. */
export function environmentAtHand({ environment, env }: ConfigCommandOptions): string {
  return environment ?? env['MMF_ENVIRONMENT'] ?? 'development'
}

/**
 * `mmf-cli config validate [--plugin NAME]`: 0 when everything asked for is valid, 1 when not. It checks the environment at hand, or all.
 * @throws {Failure} `usage_invalid`, `plugin_not_found`, `environment_unknown`
 */
export async function configValidate(
  options: ConfigCommandOptions & { readonly allEnvironments?: boolean },
  colours: Colours = plain,
): Promise<CommandResult> {
  const { allEnvironments = false, environment: one } = options
  if (allEnvironments && one !== undefined) {
    throw failure('usage_invalid', '--environment names one, --all-environments all of them: give one of the two')
  }
  return answering(async () => {
    const checks = (allEnvironments ? environments : [environmentAtHand(options)]).map(async environment => {
      const manager = managerFor(options, environment)
      return Promise.all(
        namesOf(options, manager).map(async name => ({ environment, ...(await manager.validate(name)) })),
      )
    })
    const results = (await Promise.all(checks)).flat()
    const report = results.map(({ environment, name, valid, error }) => ({
      name,
      environment,
      valid,
      ...(error === undefined ? {} : { code: error.code, errors: findings(error) }),
    }))
    return {
      stdout: options.json ? json(report) : report.map(entry => line(entry, colours)).join(''),
      exitCode: results.every(r => r.valid) ? 0 : 1,
    }
  })
}

/** `mmf-cli config show [--plugin NAME] [--explain]`: the settings in force; secrets are `[redacted]`. `explain` adds where each comes from. */
export async function configShow(
  options: ConfigCommandOptions & { readonly explain?: boolean },
): Promise<CommandResult> {
  return answering(async () => {
    const manager = managerFor(options, environmentAtHand(options))
    const shown = await Promise.all(
      namesOf(options, manager).map(async name => ({ name, settings: await manager.explain(name) })),
    )
    const { environment } = manager
    if (options.json) {
      const value = shown.map(({ name, settings }) => ({
        name,
        environment,
        settings: options.explain ? settings : Object.fromEntries(settings.map(({ path, value }) => [path, value])),
      }))
      return { stdout: json(value), exitCode: 0 }
    }
    const text = shown.map(({ name, settings }) => {
      const rows = settings.map(({ path, value, origin, references }) => {
        const uses = references.length === 0 ? '' : `, from ${references.join(', ')}`
        return [path, JSON.stringify(value), ...(options.explain ? [`${origin}${uses}`] : [])]
      })
      return `# ${name}, ${environment}\n${columns(rows)}`
    })
    return { stdout: text.join('\n'), exitCode: 0 }
  })
}

/** `mmf-cli config schema --plugin NAME`: the settings as JSON Schema (2020-12), for editors. */
export async function configSchema(
  options: ConfigCommandOptions & { readonly plugin: string },
): Promise<CommandResult> {
  return answering(async () => {
    const schema = managerFor(options, 'development').jsonSchema(options.plugin)
    return { stdout: json(schema), exitCode: 0 }
  })
}

/** `mmf-cli config template --plugin NAME`: a file with every setting, its meaning and its default. */
export async function configTemplateOf(
  options: ConfigCommandOptions & { readonly plugin: string },
): Promise<CommandResult> {
  return answering(async () => {
    const schema = managerFor(options, 'development').jsonSchema(options.plugin)
    return { stdout: configTemplate(options.plugin, schema), exitCode: 0 }
  })
}

export function managerFor(
  { plugins, configDir, env }: ConfigCommandOptions,
  environment: string,
): PluginConfigManager {
  const schemas = Object.fromEntries(plugins.map(({ name, config }) => [name, config]))
  return createPluginConfigManager({ environment, env, schemas, ...defined({ configDir }) })
}

export function namesOf({ plugin }: ConfigCommandOptions, manager: PluginConfigManager): readonly string[] {
  if (plugin === undefined) return ['base', ...manager.list()]
  manager.schema(plugin)
  return [plugin]
}

function findings(error: MmfError): readonly { readonly path?: string; readonly message: string }[] {
  return error.errors.length > 0 ? error.errors : [{ message: error.detail ?? error.message }]
}

interface Checked {
  readonly name: string
  readonly environment: string
  readonly valid: boolean
  readonly errors?: readonly { readonly path?: string; readonly message: string }[]
}

function line(entry: Checked, { paint }: Colours): string {
  const word = entry.valid ? paint('green', 'valid  ') : paint('red', 'INVALID')
  const head = `${word}  ${entry.name}, ${entry.environment}\n`
  const details = (entry.errors ?? []).map(
    ({ path, message }) => `  ${path === undefined ? '' : `${path}: `}${message}\n`,
  )
  return `${head}${details.join('')}`
}

export function columns(rows: readonly (readonly string[])[]): string {
  const width = (index: number) =>
    Math.max(0, ...rows.map(row => (row[index + 1] === undefined ? 0 : (row[index]?.length ?? 0))))
  return rows
    .map(
      row =>
        `${row
          .map((cell, index) => cell.padEnd(width(index)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
