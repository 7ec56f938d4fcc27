import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Environment } from '../contract/environment.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { type BaseConfig, baseConfigSchema } from './base-schema.ts'
import type { YamlFile } from './config-file.ts'
import { type ConfigSet, changedSettings, resolveConfigSet } from './config-set.ts'
import type { ConfigSource } from './config-source.ts'
import { type Tree, valuesOf } from './config-tree.ts'
import { declaredSecrets } from './declared-secrets.ts'
import { didYouMean } from './did-you-mean.ts'
import { type ExplainedSetting, explainSettings } from './explain.ts'
import { applyOverrides, type Override, overridesIn, type Variables } from './overrides.ts'
import type { PluginConfigSchema } from './plugin-config.ts'
import type { SecretReference } from './references.ts'
import { looseMaps } from './schema-walk.ts'
import { secretReferences } from './secret-references.ts'
import type { SecretResolver } from './secret-resolver.ts'
import { knownEnvironment, sectionsFor } from './sections.ts'
import { watchFolders } from './watch-folders.ts'
import type { FileWatch } from './watch-stamp.ts'
import { parseConfigText, readConfigFile, readConfigFileIfThere } from './yaml-file.ts'

type Schemas = Readonly<Record<string, PluginConfigSchema>>

export interface PluginConfigManagerOptions<S extends Schemas = Schemas> {
  /** Folder of `base.yaml`. Default: `MMF_CONFIG_DIR`, else `./config`. */
  readonly configDir?: string | undefined
  /** Folder of `<plugin>.yaml`. Default: `<configDir>/plugins`. */
  readonly pluginConfigDir?: string | undefined
  /** Default: `MMF_ENVIRONMENT`. */
  readonly environment?: string | undefined
  /** Environment variables. Default: those of the process. */
  readonly env?: Variables | undefined
  /** The schemas of the plugins known now; a plugin that is loaded later registers its own. */
  readonly schemas?: S | undefined
  /** Asked before the files. */
  readonly source?: ConfigSource | undefined
  /** Where `${SECRET:name}` is looked up. Without it every such reference is an error. */
  readonly secrets?: SecretResolver | undefined
  /** By plugin, what its manifest lists in `permissions.secrets`; one without a list may refer to every secret. */
  readonly declaredSecrets?: Readonly<Record<string, readonly string[] | undefined>> | undefined
  /** Plugins without a schema here that variables may be for, such as those that cannot run; `any` where it is not known yet which there are. Default none. */
  readonly otherPlugins?: readonly string[] | 'any' | undefined
}

/** What became of one configuration in a reload. */
export interface ReloadResult {
  /** The plugin, or `base`. */
  readonly name: string
  readonly changed: boolean
  /** The settings that changed, dotted. */
  readonly settings?: readonly string[]
  /** Why the new files were refused; the last good configuration stays in use. */
  readonly error?: MmfError
}

/** The answer of `validate`. */
export interface ConfigValidation {
  readonly name: string
  readonly valid: boolean
  readonly error?: MmfError
}

/** Has the last word on a configuration that passed its schema: what it throws refuses that one. */
export type AcceptConfig = (name: string, fresh: unknown) => Promise<void>

const pluginName = /^[a-z][a-z0-9_]*$/
const baseName = 'base'

/** Typed configuration of the platform and of its plugins, from YAML files, environment variables and a secret store. */
export class PluginConfigManager<S extends Schemas = Schemas> {
  readonly environment: Environment
  readonly configDir: string
  readonly pluginConfigDir: string
  readonly #variables: Variables
  readonly #secrets: SecretResolver | undefined
  readonly #source: ConfigSource | undefined
  readonly #others: readonly string[] | 'any'
  readonly #declaredSecrets = new Map<string, readonly string[]>()
  readonly #schemas = new Map<string, PluginConfigSchema>()
  readonly #sets = new Map<string, Promise<ConfigSet>>()
  /** What `#sets` hold, for those who cannot wait. */
  readonly #current = new Map<string, unknown>()
  /** Configurations whose file was empty when it was first read. */
  readonly #empty = new Set<string>()
  #reloading: Promise<unknown> = Promise.resolve()
  readonly #listeners = new Set<(results: readonly ReloadResult[]) => void>()

  /** @throws {MmfError} `environment_unknown`; `config_invalid` for a schema that would let unknown settings pass */
  constructor(options: PluginConfigManagerOptions<S> = {}) {
    this.#variables = options.env ?? process.env
    const { MMF_ENVIRONMENT: environment, MMF_CONFIG_DIR: folder } = this.#variables
    this.environment = knownEnvironment(options.environment ?? environment)
    this.configDir = options.configDir ?? folder ?? './config'
    this.pluginConfigDir = options.pluginConfigDir ?? join(this.configDir, 'plugins')
    this.#secrets = options.secrets
    this.#source = options.source
    this.#others = options.otherPlugins ?? []
    for (const [name, schema] of Object.entries(options.schemas ?? {}))
      this.registerSchema(name, schema, options.declaredSecrets?.[name])
  }

  /**
   * Makes the schema of a plugin known, and the only secrets that its configuration may refer to; without them it may refer to all. Registering the same schema again changes nothing.
   * @throws {MmfError} `plugin_duplicate` when another schema has the name; `config_invalid` when a map in it is not strict
   */
  registerSchema(name: string, schema: PluginConfigSchema, secrets?: readonly string[]): void {
    if (secrets !== undefined) this.#declaredSecrets.set(name, secrets)
    const existing = this.#schemas.get(name)
    if (existing === schema) return
    if (existing !== undefined || !pluginName.test(name) || name === baseName) {
      const reason =
        existing === undefined ? `a name must match ${pluginName} and not be "${baseName}"` : 'it has a schema'
      throw new MmfError('plugin_duplicate', { detail: `configuration of "${name}": ${reason}` })
    }
    const loose = looseMaps(schema)
    if (loose.length > 0) {
      const where = loose.map(path => (path === '' ? 'the whole schema' : path)).join(', ')
      const detail = `schema of "${name}": unknown settings would pass in ${where}; use z.strictObject`
      const errors = loose.map(path => ({ path: path === '' ? 'config' : path, message: detail }))
      throw new MmfError('config_invalid', { detail, errors })
    }
    this.#schemas.set(name, schema)
  }

  /** The plugins whose schema is known. */
  list(): readonly string[] {
    return [...this.#schemas.keys()]
  }

  /** The schema of a plugin, or of the base configuration under `base`. @throws {MmfError} `plugin_not_found` */
  schema(name: string): z.ZodType {
    return name === baseName ? baseConfigSchema : this.#schemaOf(name)
  }

  /** The settings of a plugin (or `base`) as JSON Schema 2020-12, as they are written in YAML. @throws {MmfError} `plugin_not_found` */
  jsonSchema(name: string): object {
    return z.toJSONSchema(this.schema(name), { io: 'input', unrepresentable: 'any' })
  }

  /**
   * The configuration of a plugin in this environment: frozen, and the same object until `reload()` finds a change.
   * @throws {MmfError} `plugin_not_found`, `config_unreadable`, `config_malformed`, `config_invalid`
   */
  async getPluginConfig<Name extends string>(name: Name): Promise<Name extends keyof S ? z.output<S[Name]> : unknown> {
    const { config } = await this.#set(name)
    return config as Name extends keyof S ? z.output<S[Name]> : unknown
  }

  /** The configuration of the platform. @throws {MmfError} `config_unreadable`, `config_malformed`, `config_invalid` */
  async getBaseConfig(): Promise<BaseConfig> {
    return (await this.#set(baseName)).config as BaseConfig
  }

  /** The configuration of a plugin (or `base`) that is in use at this moment; undefined before it was read. */
  current(name: string): unknown {
    return this.#current.get(name)
  }

  /** Every setting of a plugin (or of `base`) with its origin, fit to be printed. @throws like `getPluginConfig` */
  async explain(name: string): Promise<readonly ExplainedSetting[]> {
    return (await this.#set(name)).explained
  }

  /**
   * Every setting that files and variables have, as it is written: no reference resolved, no default, nothing checked. It says what stands in a
   * configuration that is refused. Fit to be printed as far as names tell what is secret. @throws {MmfError} `config_unreadable`, `config_malformed`
   */
  async written(name: string): Promise<readonly ExplainedSetting[]> {
    const tree = await this.#tree(name)
    return explainSettings(valuesOf(tree), tree, new Map())
  }

  /** The secrets that a plugin (or `base`) refers to in this environment; none is looked up. @throws {MmfError} `config_…` */
  async secretReferences(name: string): Promise<readonly SecretReference[]> {
    return secretReferences(await this.#tree(name))
  }

  /** Reads the files of a plugin (or `base`) afresh and checks them, without putting them to use. */
  async validate(name: string): Promise<ConfigValidation> {
    try {
      await this.#read(name)
      return { name, valid: true }
    } catch (error) {
      if (!isMmfError(error)) throw error
      return { name, valid: false, error }
    }
  }

  /**
   * Reads again everything that was read before. What does not pass its schema, or what `accept` refuses, is reported, and its last good version stays.
   * A file that has become empty is refused too: an editor may be about to write it. One reload follows the other.
   */
  reload(accept?: AcceptConfig): Promise<readonly ReloadResult[]> {
    const after = this.#reloading.then(() => this.#reloadAll(accept))
    this.#reloading = after.catch(() => {})
    return after
  }

  /** Calls `listener` after each reload. Answers a function that ends this. */
  onReload(listener: (results: readonly ReloadResult[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reloads when a file in the folders changes, `debounceMs` (default 200) after the last change. Ends with `close()`. */
  watch(options: { readonly debounceMs?: number; readonly onError?: (error: unknown) => void } = {}): FileWatch {
    const report = options.onError ?? (error => process.emitWarning(String(error), 'ConfigWatchWarning'))
    return this.watchFiles(() => this.reload().catch(report), options.debounceMs ?? 200)
  }

  /** Calls `changed` when a file in the folders changes, `debounceMs` after the last change. Ends with `close()`. */
  watchFiles(changed: () => void, debounceMs: number): FileWatch {
    return watchFolders([this.configDir, this.pluginConfigDir], debounceMs, changed)
  }

  async #reloadAll(accept: AcceptConfig | undefined): Promise<readonly ReloadResult[]> {
    const results = await Promise.all([...this.#sets].map(([name, set]) => this.#reloadOne(name, set, accept)))
    for (const listener of this.#listeners) listener(results)
    return results
  }

  #schemaOf(name: string): PluginConfigSchema {
    const schema = this.#schemas.get(name)
    if (schema !== undefined) return schema
    const near = didYouMean(name, this.list())
    const known = this.list().length === 0 ? 'none is known' : `known: ${this.list().join(', ')}`
    throw new MmfError('plugin_not_found', {
      detail: `no plugin "${name}" has a configuration${near === undefined ? '' : `; did you mean "${near}"?`} (${known})`,
    })
  }

  #set(name: string): Promise<ConfigSet> {
    const existing = this.#sets.get(name)
    if (existing !== undefined) return existing
    const reading = this.#read(name)
    this.#sets.set(name, reading)
    // A failure is not kept: the next caller reads again.
    reading.then(
      ({ config }) => this.#current.set(name, config),
      () => this.#sets.get(name) === reading && this.#sets.delete(name),
    )
    return reading
  }

  async #reloadOne(name: string, current: Promise<ConfigSet>, accept?: AcceptConfig): Promise<ReloadResult> {
    try {
      const [old, fresh] = [await current, await this.#read(name, true)]
      const settings = changedSettings(old.config, fresh.config)
      if (settings.length === 0) return { name, changed: false }
      await accept?.(name, fresh.config)
      this.#sets.set(name, Promise.resolve(fresh))
      this.#current.set(name, fresh.config)
      return { name, changed: true, settings }
    } catch (error) {
      return { name, changed: false, error: isMmfError(error) ? error : unusable(error) }
    }
  }

  async #read(name: string, isAgain = false): Promise<ConfigSet> {
    const schema = this.schema(name)
    return resolveConfigSet(schema, await this.#tree(name, isAgain), {
      variables: this.#variables,
      secrets: declaredSecrets(this.#secrets, name, this.#declaredSecrets.get(name)),
    })
  }

  async #tree(name: string, isAgain = false): Promise<Tree> {
    const isBase = name === baseName
    const overrides = overridesIn(this.#variables)
    await this.#refuseStrayOverrides(overrides)
    const found = await this.#file(name)
    // A plugin without a file has the defaults of its schema; one whose file is removed meanwhile keeps what it has.
    const file = found ?? noFile(join(this.pluginConfigDir, name))
    if (found === undefined && isAgain && !this.#empty.has(name)) throw gone(file.path)
    if (file.value === null && !isAgain) this.#empty.add(name)
    if (file.value === null && !this.#empty.has(name)) throw nowEmpty(file.path)
    const own = overrides.filter(({ plugin }) => plugin === (isBase ? undefined : name))
    return applyOverrides(sectionsFor(file, this.environment), own)
  }

  async #file(name: string): Promise<YamlFile | undefined> {
    const elsewhere = await this.#source?.read(name)
    if (elsewhere !== undefined) return parseConfigText(elsewhere.path, elsewhere.text)
    if (name === baseName) return readConfigFile(join(this.configDir, name))
    return readConfigFileIfThere(join(this.pluginConfigDir, name))
  }

  /** A variable for a plugin that has neither a schema nor a file is a misspelt name. */
  async #refuseStrayOverrides(overrides: readonly Override[]): Promise<void> {
    const others = this.#others
    const unknown = overrides.filter(({ plugin }) => plugin !== undefined && !this.#schemas.has(plugin))
    if (unknown.length === 0 || others === 'any') return
    const files = await readdir(this.pluginConfigDir).catch(() => [])
    const known = [...this.list(), ...others, ...files.map(file => file.replace(/\.(yaml|json)$/, ''))]
    const errors = unknown
      .filter(({ plugin }) => plugin !== undefined && !known.includes(plugin))
      .map(({ variable, plugin = '' }) => {
        const near = didYouMean(plugin, known)
        const hint = near === undefined ? '' : `; did you mean "${near}"?`
        return { path: variable, message: `there is no plugin "${plugin}"${hint}` }
      })
    if (errors.length === 0) return
    const detail = errors.map(({ path, message }) => `environment variable ${path}: ${message}`).join('; ')
    throw new MmfError('config_invalid', { detail, errors })
  }
}

/** What a plugin makes of a configuration that its schema lets pass. */
const unusable = (cause: unknown): MmfError =>
  new MmfError('config_invalid', { detail: 'the plugin cannot use this configuration', cause })

const noFile = (path: string): YamlFile => ({ path: `${path}.yaml`, value: null, positionOf: () => undefined })

const gone = (file: string) =>
  new MmfError('config_unreadable', { detail: `${file}: there is no such file any longer`, members: { file } })

function nowEmpty(file: string): MmfError {
  return new MmfError('config_malformed', {
    detail: `${file}:1:1: the file has become empty`,
    members: { file, line: 1 },
  })
}

/**
 * The configuration manager of the plugin system's description: `config/base.yaml` and `config/plugins/<plugin>.yaml`, each with `default`
 * and a section per environment.
 * @throws {MmfError} `environment_unknown`, `config_invalid`
 */
export function createPluginConfigManager<const S extends Schemas = Record<never, never>>(
  options: PluginConfigManagerOptions<S> = {},
): PluginConfigManager<S> {
  return new PluginConfigManager(options)
}
