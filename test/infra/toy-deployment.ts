import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Environment, type PluginDefinition, table } from '@mmf/framework'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import * as z from 'zod'
import type { PlatformTables } from '../../infra/aws/deployment.ts'
import { type DeploymentSource, loadDeployment } from '../../infra/aws/load-deployment.ts'
import { buildStacks } from '../../infra/aws/stacks/build-stacks.ts'
import { cdkContext } from './cdk-context.ts'
import { toy } from './toy-plugin.ts'

const root = resolve(import.meta.dirname, '../..')

/** The variables that make an issuer known, as a deployer sets them. */
export const issuer = {
  MMF__authentication__issuer: 'https://issuer.example',
  MMF__authentication__audience: 'marty',
  MMF__authentication__jwks_uri: 'https://issuer.example/jwks',
  MMF_TOKEN_ISSUER: 'https://issuer.example',
  MMF_TOKEN_AUDIENCE: 'marty',
  MMF_TOKEN_JWKS_URI: 'https://issuer.example/jwks',
}

const plain = (name: string) =>
  table({ name, row: z.strictObject({ id: z.string(), expires: z.int() }), partition: 'id', ttl: 'expires' })

const platformTables: PlatformTables = {
  outbox: table({
    name: 'outbox',
    row: z.strictObject({ id: z.string(), queue: z.string(), dueAt: z.string(), expires: z.int() }),
    partition: 'id',
    indexes: { pending: { partition: 'queue', sort: 'dueAt' } },
    ttl: 'expires',
  }),
  deliveries: table({
    name: 'event_deliveries',
    row: z.strictObject({
      eventId: z.string(),
      subscriber: z.string(),
      queue: z.string(),
      dueAt: z.string(),
      expires: z.int(),
    }),
    partition: 'eventId',
    sort: 'subscriber',
    indexes: { due: { partition: 'queue', sort: 'dueAt' } },
    ttl: 'expires',
  }),
  idempotency: plain('idempotency'),
  keyCatalogue: plain('key_catalogue'),
  cache: plain('cache'),
  rateLimits: plain('rate_limits'),
  apiKeys: plain('api_keys'),
  apiKeyHolders: plain('api_key_holders'),
  apiKeyUses: plain('api_key_uses'),
  auditWaiting: plain('audit_log_waiting'),
}

const toyConfig = `production:
  signing_algorithms: [RSA-SHA256, RSA-PSS-SHA256]
default:
  enabled: true
  signing_algorithms: [ECDSA-SHA256, ML-DSA-65]
`

/** A folder with a configuration and a build of empty handlers. */
function workshop(
  handlers: readonly string[],
  config: string,
): { configDir: string; dist: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'toy-'))
  const configDir = join(folder, 'config')
  const dist = join(folder, 'dist')
  mkdirSync(join(configDir, 'plugins'), { recursive: true })
  cpSync(join(root, 'config/base.yaml'), join(configDir, 'base.yaml'))
  writeFileSync(join(configDir, 'plugins/toy.yaml'), toyConfig + config)
  mkdirSync(join(dist, 'layer/nodejs'), { recursive: true })
  writeFileSync(join(dist, 'layer/nodejs/layer.mjs'), '')
  writeFileSync(join(dist, 'layer/nodejs/layer.mjs.map'), '')
  mkdirSync(join(dist, 'handlers'), { recursive: true })
  mkdirSync(join(dist, 'handlers/on-demand'))
  for (const name of [...handlers, 'on-demand/secrets-manager', 'on-demand/other']) {
    writeFileSync(join(dist, `handlers/${name}.mjs`), `export const handler = '${name}'\n`)
    writeFileSync(join(dist, `handlers/${name}.mjs.map`), '')
  }
  return { configDir, dist, remove: () => rmSync(folder, { recursive: true }) }
}

export interface Synthesised {
  /** The stack that the other two are nested in. */
  readonly root: Template
  readonly state: Template
  readonly service: Template
  /** The files of each asset, joined by commas. */
  readonly assets: readonly string[]
}

export const toyHandlers = [
  'toy-sender',
  'toy-reader',
  'toy-inspector',
  'platform',
  'outbox-relay',
  'outbox-sweeper',
  'dead-letters',
]

export interface SynthOptions {
  readonly plugins?: readonly PluginDefinition[]
  readonly manifests?: DeploymentSource['manifests']
  readonly handlers?: readonly string[]
  readonly variables?: DeploymentSource['variables']
  readonly alarmAddress?: string
  /** Files beside base.yaml. */
  readonly files?: Readonly<Record<string, string>>
  /** More lines of `toy.yaml`. */
  readonly config?: string
}

/** Synthesises the toy plugin for an environment, through the same code as the real app. */
export async function synthToy(environment: Environment | undefined, options: SynthOptions = {}): Promise<Synthesised> {
  const { configDir, dist, remove } = workshop(options.handlers ?? toyHandlers, options.config ?? '')
  for (const [name, text] of Object.entries(options.files ?? {})) writeFileSync(join(configDir, name), text)
  try {
    const deployment = await loadDeployment({
      app: 'demo',
      environment,
      plugins: options.plugins ?? [toy],
      manifests: options.manifests ?? {},
      platformTables,
      configDir,
      dist,
      variables: options.variables ?? issuer,
      alarmAddress: options.alarmAddress,
    })
    const outdir = join(dist, '../cdk.out')
    const app = new App({ outdir, context: cdkContext(join(root, 'cdk.json')), analyticsReporting: false })
    const { root: whole, state, service } = buildStacks(app, deployment)
    app.synth()
    return {
      root: Template.fromStack(whole),
      state: Template.fromStack(state),
      service: Template.fromStack(service),
      assets: assetsIn(outdir),
    }
  } finally {
    remove()
  }
}

function assetsIn(assembly: string): readonly string[] {
  const folders = readdirSync(assembly, { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name.startsWith('asset.'))
    .map(({ name }) => name)
  const files = (name: string) => readdirSync(join(assembly, name), { recursive: true, encoding: 'utf8' }).sort().join()
  return folders.map(files).sort()
}
