import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Environment, environments, isMmfError, type PluginDefinition } from '@mmf/framework'
import { checkLimitedOperations } from '../plugins/limited-operations.ts'
import { checkConfiguredResources, type ManifestOfResources, resourcesOf } from '../plugins/service-resources.ts'
import type { Deployment, PlatformTables } from './deployment.ts'
import { DeploymentError } from './deployment-error.ts'
import { apiDomain } from './derive/api-domain.ts'
import { plannedKeys } from './derive/key-plan.ts'
import { secretNames, withoutValues } from './derive/secrets.ts'
import {
  type BaseConfig,
  createPluginConfigManager,
  type PluginConfig,
  requireIssuers,
  type SecretReference,
} from './framework.ts'
import { environmentSettings } from './settings.ts'

export interface DeploymentSource {
  readonly app: string
  /** As given with `--context env=…`. */
  readonly environment: string | undefined
  readonly plugins: readonly PluginDefinition[]
  /** By plugin; one without is deployed as if its manifest said nothing. */
  readonly manifests?: Readonly<Record<string, ManifestOfResources>>
  readonly platformTables: PlatformTables
  readonly configDir: string
  readonly dist: string
  /** As given with `--context alarms=…`: an e-mail or https address that is notified of alarms. */
  readonly alarmAddress?: string | undefined
  readonly variables: Readonly<Record<string, string | undefined>>
}

/**
 * Reads the configuration of one environment and checks what a deployment needs.
 * @throws {DeploymentError} for a missing or unknown environment, when no issuer of tokens is configured, for an address of alarms that is none,
 *   when client certificates are required and no domain can take them
 * @throws {MmfError} `config_…`
 */
export async function loadDeployment(source: DeploymentSource): Promise<Deployment> {
  const environment = knownEnvironment(source.environment)
  const { configDir, variables: env } = source
  const schemas = Object.fromEntries(source.plugins.map(({ name, config }) => [name, config as never]))
  const options = { configDir, environment, env, schemas }
  const referring = createPluginConfigManager(options)
  const secrets = new Map<string, readonly SecretReference[]>()
  for (const name of ['base', ...referring.list()]) secrets.set(name, await referring.secretReferences(name))
  const namesOf = (name: string) => secretNames(secrets.get(name) ?? [])
  const manager = createPluginConfigManager({ ...options, secrets: withoutValues([...secrets.values()].flat()) })
  const base = await manager.getBaseConfig()
  checkIssuer(base, environment)
  checkConfiguredResources(source.plugins, base.plugins.resources)
  checkLimitedOperations(source.plugins, base.rate_limits)
  const configured = await Promise.all(
    source.plugins.map(async definition => {
      const config = (await manager.getPluginConfig(definition.name)) as PluginConfig
      const resources = resourcesOf(definition, source.manifests?.[definition.name], base.plugins.resources)
      return { definition, config, keys: plannedKeys(definition, config), secrets: namesOf(definition.name), resources }
    }),
  )
  return {
    app: source.app,
    environment,
    settings: environmentSettings[environment],
    base,
    secrets: namesOf('base'),
    domain: apiDomain({ environment, configDir, base, plugins: configured }),
    plugins: configured.filter(({ config }) => config.enabled).map(({ config: _, ...plugin }) => plugin),
    platformTables: source.platformTables,
    limitsCallers: limitsCallers(base),
    variables: variablesRead(configDir, env),
    alarmAddress: checkedAddress(source.alarmAddress),
    dist: source.dist,
  }
}

/** A quota by the day counts as well. */
function limitsCallers({ rate_limits: { callers, requests_per_day, api_key_requests_per_day } }: BaseConfig): boolean {
  const named = Object.keys(callers).length + Object.keys(requests_per_day).length
  return named > 0 || api_key_requests_per_day !== undefined
}

function checkedAddress(address: string | undefined): string | undefined {
  if (address === undefined || /^[^\s@:/]+@[^\s@:/]+$/.test(address)) return address
  if (address.startsWith('https://') && URL.canParse(address)) return address
  throw new DeploymentError(`"${address}" is no address for alarms: use --context alarms=<e-mail or https address>`)
}

/** Says beside what is missing where it goes: no issuer comes with the platform. */
function checkIssuer(base: BaseConfig, environment: Environment): void {
  try {
    requireIssuers(base, environment)
  } catch (error) {
    if (!isMmfError(error, 'config_invalid')) throw error
    const variables = ['issuer', 'audience', 'jwks_uri'].map(name => `MMF__authentication__${name}`)
    throw new DeploymentError(`${error.message}; write them there or set ${variables.join(', ')}`, { cause: error })
  }
}

/** The environment of `--context env=…`. @throws {DeploymentError} when it is missing or unknown */
export function knownEnvironment(value: string | undefined): Environment {
  const known = environments.find(environment => environment === value)
  if (known !== undefined) return known
  const received = value === undefined || value === '' ? 'no environment given' : `"${value}" is no environment`
  throw new DeploymentError(`${received}: use --context env=<${environments.join('|')}>`)
}

/** What the configuration takes from the environment here, so that the functions read the same: `${NAME}` in its files, and overrides. */
function variablesRead(configDir: string, env: DeploymentSource['variables']): Record<string, string> {
  const files = readdirSync(configDir, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.yaml'))
  const texts = files.map(file => readFileSync(join(configDir, file), 'utf8'))
  const referenced = texts.flatMap(text =>
    [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(match => match[1] ?? ''),
  )
  const names = new Set([...referenced, ...Object.keys(env).filter(name => name.startsWith('MMF__'))])
  names.delete('SECRET')
  return Object.fromEntries([...names].sort().flatMap(name => (env[name] ? [[name, env[name]]] : [])))
}
