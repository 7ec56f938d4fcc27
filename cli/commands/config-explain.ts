import { environments, isMmfError, type PluginConfigManager } from '@mmf/framework'
import { didYouMean } from '@mmf/framework/internal'
import { failure } from '../failure.ts'
import { answering } from '../mmf-failure.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'
import { type ConfigCommandOptions, columns, environmentAtHand, managerFor, namesOf } from './config.ts'
import { allowedOf, pathsOf, type SettingSchema, settingAt, typeOf } from './config-schema-facts.ts'

interface Setting {
  /** A plugin, or `base`. */
  readonly of: string
  readonly path: readonly string[]
  readonly schema: SettingSchema
  readonly isRequired: boolean
}

/** A setting in one environment. `value` is fit to be printed. */
interface InForce {
  readonly environment: string
  readonly value?: unknown
  readonly origin?: string
  readonly references?: readonly string[]
  /** Why the configuration of this environment is refused. The value is then the one that is written, references not resolved. */
  readonly error?: { readonly code: string; readonly message: string }
}

/**
 * `mmf-cli config explain KEY`: what a setting means, takes, and is in each environment, with the file and line or the variable that says so.
 * 1 where the configuration of the environment at hand is refused. @throws {Failure} `setting_unknown`, `setting_ambiguous`
 */
export async function configExplain(options: ConfigCommandOptions & { readonly key: string }): Promise<CommandResult> {
  return answering(async () => {
    const { key, environment, json = false } = options
    const setting = settingOf(key, options, managerFor(options, 'development'))
    const wanted = environment === undefined ? environments : [environment]
    const found = await Promise.all(wanted.map(name => inForce(setting, managerFor(options, name))))
    const atHand = environmentAtHand(options)
    const refused = found.flat().some(({ environment: name, error }) => name === atHand && error !== undefined)
    const report = reportOf(setting, found.flat())
    return { stdout: json ? `${JSON.stringify(report, undefined, 2)}\n` : textOf(report), exitCode: refused ? 1 : 0 }
  })
}

/** `server.port`, `marty.pkd_url`, `plugins.marty.pkd_url` and `MMF__plugins__marty__pkd_url` are what one writes somewhere. */
function settingOf(key: string, options: ConfigCommandOptions, manager: PluginConfigManager): Setting {
  const dotted = key.startsWith('MMF__') ? key.slice('MMF__'.length).replaceAll('__', '.') : key
  const words = dotted.split('.')
  const [first = ''] = words
  const names = namesOf(options, manager)
  const isNamed = first === 'plugins' || first === 'base'
  const candidates = names.flatMap(of => {
    const paths = [
      words,
      ...(first === of ? [words.slice(1)] : []),
      ...(first === 'plugins' && words[1] === of ? [words.slice(2)] : []),
    ]
    return paths.flatMap(path => {
      const found = path.length === 0 ? undefined : settingAt(manager.jsonSchema(of) as SettingSchema, path)
      return found === undefined ? [] : [{ of, path, ...found }]
    })
  })
  const [only, other] = candidates
  if (only !== undefined && other === undefined) return only
  if (only !== undefined) {
    const choices = candidates.map(({ of, path }) => `${of}.${path.join('.')}`)
    throw failure('setting_ambiguous', `${JSON.stringify(key)} is ${choices.join(' and ')}: write one of them`)
  }
  const known = names.flatMap(of =>
    pathsOf(manager.jsonSchema(of) as SettingSchema).map(path => (of === 'base' ? path : `${of}.${path}`)),
  )
  const plain = isNamed ? words.slice(1).join('.') : dotted
  const near = didYouMean(plain, [...known, ...known.map(path => path.slice(path.indexOf('.') + 1))])
  const hint = near === undefined ? '`mmf-cli config show` lists them' : `did you mean ${JSON.stringify(near)}?`
  throw failure('setting_unknown', `no setting ${JSON.stringify(key)} of ${names.join(', ')}; ${hint}`)
}

async function inForce({ of, path, schema }: Setting, manager: PluginConfigManager): Promise<InForce[]> {
  const { environment } = manager
  const root = manager.jsonSchema(of) as SettingSchema
  const dotted = path.join('.')
  const isAt = (full: string) => full === dotted || full.startsWith(`${dotted}.`)
  try {
    const explained = await manager.explain(of)
    const own = explained.filter(setting => isAt(setting.path))
    if (own.length === 0) return [{ environment, origin: 'not set' }]
    return own.map(({ path: full, value, origin, references }) => {
      const below = full === dotted ? {} : { path: full }
      return { environment, ...below, value, origin, ...(references.length === 0 ? {} : { references }) }
    })
  } catch (error) {
    if (!isMmfError(error)) throw error
    const { code, errors, detail = error.message } = error
    const message = errors.length === 0 ? detail : errors.map(one => one.message).join('; ')
    const refused = { environment, error: { code, message } }
    const written = await manager.written(of).catch((cause: unknown) => {
      if (isMmfError(cause)) return []
      throw cause
    })
    const own = written.filter(setting => isAt(setting.path))
    if (own.length === 0) return [{ ...refused, ...unwritten(schema) }]
    return own.map(({ path: full, value, origin }) => {
      const below = full === dotted ? {} : { path: full }
      return { ...refused, ...below, ...(isSecretSetting(root, full) ? {} : { value }), origin }
    })
  }
}

const unwritten = ({ default: fallback }: SettingSchema) =>
  fallback === undefined ? { origin: 'not set' } : { value: fallback, origin: 'default of the schema' }

/** A secret has no type in JSON Schema. A configuration that is refused may have one in clear. */
function isSecretSetting(root: SettingSchema, path: string): boolean {
  const found = settingAt(root, path.split('.'))?.schema
  return (
    found === undefined ||
    (found.type === undefined && found.anyOf === undefined && found.enum === undefined && found.oneOf === undefined)
  )
}

interface Report {
  readonly name: string
  readonly plugin: string
  readonly description?: string
  readonly type: string
  readonly default?: unknown
  readonly required?: true
  readonly allowed?: string
  readonly variable: string
  readonly environments: readonly (InForce & { readonly path?: string })[]
}

function reportOf({ of, path, schema, isRequired }: Setting, found: Report['environments']): Report {
  const { description } = schema
  const allowed = allowedOf(schema)
  const variable = ['MMF', ...(of === 'base' ? [] : ['plugins', of]), ...path].join('__')
  return {
    name: path.join('.'),
    plugin: of,
    ...(description === undefined ? {} : { description }),
    type: typeOf(schema),
    ...(schema.default === undefined ? {} : { default: schema.default }),
    ...(isRequired ? { required: true } : {}),
    ...(allowed === undefined ? {} : { allowed }),
    variable,
    environments: found,
  }
}

function textOf(report: Report): string {
  const { name, plugin, description, type, allowed, variable, required } = report
  const fallback =
    'default' in report ? JSON.stringify(report.default) : required === true ? 'none: it has to be set' : 'none'
  const facts = [
    ['of', plugin === 'base' ? 'the platform (base.yaml)' : `the plugin ${plugin}`],
    ['type', type],
    ...(type === 'section' ? [] : [['default', fallback]]),
    ...(allowed === undefined ? [] : [['allowed', allowed]]),
    ...(type === 'section' ? [] : [['variable', variable]]),
  ]
  const rows = report.environments.map(({ environment, path, value, origin = '', references = [] }) => {
    const uses = references.length === 0 ? '' : `, from ${references.join(', ')}`
    return [
      environment,
      ...(path === undefined ? [] : [path]),
      value === undefined ? '-' : JSON.stringify(value),
      `${origin}${uses}`,
    ]
  })
  const refusals = new Map(
    report.environments.flatMap(({ environment, error }) => (error === undefined ? [] : [[environment, error]])),
  )
  const notes = [...refusals].map(
    ([environment, { code, message }]) => `${environment} is refused, ${code}: ${printable(message)}\n`,
  )
  const meaning = description === undefined ? '' : `${description}\n`
  return `${name}\n${meaning}\n${columns(facts)}\n${columns(rows)}${notes.length === 0 ? '' : `\n${notes.join('')}`}`
}
