import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import type { Environment } from '../contract/environment.ts'
import { isMmfError, MmfError } from '../errors/mmf-error.ts'
import { type BaseConfig, baseConfigSchema } from './base-schema.ts'
import { type ConfigSet, resolveConfigSet, sameSettings } from './config-set.ts'
import { type Tree, valuesOf } from './config-tree.ts'
import { didYouMean } from './did-you-mean.ts'
import { type ExplainedSetting, explainSettings } from './explain.ts'
import { applyOverrides, type Override, overridesIn, type Variables } from './overrides.ts'
import type { PluginConfigSchema } from './plugin-config.ts'
import type { SecretReference } from './references.ts'
import { looseMaps } from './schema-walk.ts'
import { secretReferences } from './secret-references.ts'
import type { SecretResolver } from './secret-resolver.ts'
import { knownEnvironment, sectionsFor } from './sections.ts'
import { type ConfigWatch, watchFolders } from './watch-folders.ts'
import { readConfigFile } from './yaml-file.ts'

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
  /** Where `${SECRET:name}` is looked up. Without it every such reference is an error. */
  readonly secrets?: SecretResolver | undefined
}

/** What became of one configuration in a reload. */
export interface ReloadResult {
  /** The plugin, or `base`. */
  readonly name: string
  readonly changed: boolean
  /** Why the new files were refused; the last good configuration stays in use. */
  readonly error?: MmfError
}

/** The answer of `validate`. */
export interface ConfigValidation {
  readonly name: string
  readonly valid: boolean
  readonly error?: MmfError
}

const pluginName = /^[a-z][a-z0-9_]*$/
const baseName = 'base'

/** Typed configuration of the platform and of its plugins, from YAML files, environment variables and a secret store. */
export class PluginConfigManager<S extends Schemas = Schemas> {
  readonly environment: Environment
  readonly configDir: string
  readonly pluginConfigDir: string
  readonly #variables: Variables
  readonly #secrets: SecretResolver | undefined
  readonly #schemas = new Map<string, PluginConfigSchema>()
  readonly #sets = new Map<string, Promise<ConfigSet>>()
  readonly #listeners = new Set<(results: readonly ReloadResult[]) => void>()

  /** @throws {MmfError} `environment_unknown`; `config_invalid` for a schema that would let unknown settings pass */
  constructor(options: PluginConfigManagerOptions<S> = {}) {
    this.#variables = options.env ?? process.env
    const { MMF_ENVIRONMENT: environment, MMF_CONFIG_DIR: folder } = this.#variables
    this.environment = knownEnvironment(options.environment ?? environment)
    this.configDir = options.configDir ?? folder ?? './config'
    this.pluginConfigDir = options.pluginConfigDir ?? join(this.configDir, 'plugins')
    this.#secrets = options.secrets
    for (const [name, schema] of Object.entries(options.schemas ?? {})) this.registerSchema(name, schema)
  }

  /**
   * Makes the schema of a plugin known. Registering the same schema again changes nothing.
   * @throws {MmfError} `plugin_duplicate` when another schema has the name; `config_invalid` when a map in it is not strict
   */
  registerSchema(name: string, schema: PluginConfigSchema): void {
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
      throw new MmfError('config_invalid', {
        detail: `schema of "${name}": unknown settings would pass in ${where}; use z.strictObject`,
      })
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

  /** Reads again everything that was read before. What does not pass its schema is reported, and its last good version stays. */
  async reload(): Promise<readonly ReloadResult[]> {
    const results = await Promise.all([...this.#sets].map(([name, current]) => this.#reloadOne(name, current)))
    for (const listener of this.#listeners) listener(results)
    return results
  }

  /** Calls `listener` after each reload. Answers a function that ends this. */
  onReload(listener: (results: readonly ReloadResult[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Reloads when a file in the folders changes, `debounceMs` (default 200) after the last change. Ends with `close()`. */
  watch(options: { readonly debounceMs?: number; readonly onError?: (error: unknown) => void } = {}): ConfigWatch {
    const report = options.onError ?? (error => process.emitWarning(String(error), 'ConfigWatchWarning'))
    return watchFolders([this.configDir, this.pluginConfigDir], options.debounceMs ?? 200, () => {
      this.reload().catch(report)
    })
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
    reading.catch(() => this.#sets.get(name) === reading && this.#sets.delete(name))
    return reading
  }

  async #reloadOne(name: string, current: Promise<ConfigSet>): Promise<ReloadResult> {
    try {
      const [old, fresh] = [await current, await this.#read(name)]
      if (sameSettings(old.config, fresh.config)) return { name, changed: false }
      this.#sets.set(name, Promise.resolve(fresh))
      return { name, changed: true }
    } catch (error) {
      if (!isMmfError(error)) throw error
      return { name, changed: false, error }
    }
  }

  async #read(name: string): Promise<ConfigSet> {
    const schema = this.schema(name)
    return resolveConfigSet(schema, await this.#tree(name), { variables: this.#variables, secrets: this.#secrets })
  }

  async #tree(name: string): Promise<Tree> {
    const isBase = name === baseName
    const overrides = overridesIn(this.#variables)
    await this.#refuseStrayOverrides(overrides)
    const file = await readConfigFile(isBase ? join(this.configDir, 'base') : join(this.pluginConfigDir, name))
    const own = overrides.filter(({ plugin }) => plugin === (isBase ? undefined : name))
    return applyOverrides(sectionsFor(file, this.environment), own)
  }

  /** A variable for a plugin that has neither a schema nor a file is a misspelt name. */
  async #refuseStrayOverrides(overrides: readonly Override[]): Promise<void> {
    const unknown = overrides.filter(({ plugin }) => plugin !== undefined && !this.#schemas.has(plugin))
    if (unknown.length === 0) return
    const files = await readdir(this.pluginConfigDir).catch(() => [])
    const known = [...this.list(), ...files.map(file => file.replace(/\.(yaml|json)$/, ''))]
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
