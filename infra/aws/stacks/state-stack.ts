import type { PluginDefinition } from '@mmf/framework'
import { resourcesOf, scopeOf } from '@mmf/framework/internal'
import { NestedStack, type NestedStackProps } from 'aws-cdk-lib'
import type { Key } from 'aws-cdk-lib/aws-kms'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'
import { blobBucket, lockedBucket } from '../constructs/blob-bucket.ts'
import { dataKey } from '../constructs/data-key.ts'
import { PlatformTable } from '../constructs/platform-table.ts'
import { SigningKey } from '../constructs/signing-key.ts'
import { type Deployment, nameOf } from '../deployment.ts'
import { DeploymentError } from '../deployment-error.ts'
import { signersOf } from '../derive/grants.ts'
import { pascal } from '../derive/names.ts'

export interface StateStackProps extends NestedStackProps {
  readonly deployment: Deployment
}

/** What outlives a deployment: tables and keys. Nothing in it depends on the service stack, and nothing moves between the two. In production the whole stack stays when its root is deleted. */
export class StateStack extends NestedStack {
  /** Encrypts the tables. */
  readonly dataKey: Key
  /** By logical name. */
  readonly tables: ReadonlyMap<string, PlatformTable>
  /** By plugin, for those that declare blobs that are written once. */
  readonly lockedBlobs: ReadonlyMap<string, Bucket>
  /** By plugin, for those that declare blobs. */
  readonly blobs: ReadonlyMap<string, Bucket>
  /** By key id. */
  readonly keys: ReadonlyMap<string, SigningKey>

  constructor(scope: Construct, id: string, { deployment, ...props }: StateStackProps) {
    super(scope, id, props)
    this.dataKey = dataKey(this, 'DataKey', nameOf(deployment, 'data'), deployment.settings.retainState)
    this.tables = this.declareTables(deployment)
    this.keys = this.declareKeys(deployment)
    this.blobs = this.declareBlobs(deployment)
    this.lockedBlobs = this.declareLockedBlobs(deployment)
  }

  private declareTables({ plugins, platformTables, settings }: Deployment): ReadonlyMap<string, PlatformTable> {
    const tables = new Map<string, PlatformTable>()
    const declared = [
      ...Object.values(platformTables),
      ...plugins.flatMap(({ definition }) => ownTables(definition, plugins)),
    ]
    for (const table of declared) {
      if (tables.has(table.name)) throw new DeploymentError(`two tables are called ${table.name}`)
      const props = {
        table,
        encryptionKey: this.dataKey,
        retain: settings.retainState,
        stream: table === platformTables.outbox,
      }
      tables.set(table.name, new PlatformTable(this, `${pascal(table.name)}Table`, props))
    }
    return tables
  }

  private declareBlobs({ plugins, settings }: Deployment): ReadonlyMap<string, Bucket> {
    const storing = plugins.filter(({ definition }) =>
      definition.services.some(service => scopeOf(service).blobs !== undefined),
    )
    return new Map(
      storing.map(({ definition: { name } }) => [name, blobBucket(this, `${pascal(name)}Blobs`, settings.retainState)]),
    )
  }

  private declareLockedBlobs({ plugins, settings }: Deployment): ReadonlyMap<string, Bucket> {
    const storing = plugins.filter(({ definition }) =>
      definition.services.some(service => scopeOf(service).lockedBlobs === true),
    )
    return new Map(
      storing.map(({ definition: { name } }) => [
        name,
        lockedBucket(this, `${pascal(name)}LockedBlobs`, settings.retainState),
      ]),
    )
  }

  private declareKeys(deployment: Deployment): ReadonlyMap<string, SigningKey> {
    const keys = new Map<string, SigningKey>()
    for (const { definition, keys: planned } of deployment.plugins) {
      for (const plan of planned) {
        if (keys.has(plan.keyId)) throw new DeploymentError(`two keys are called ${plan.keyId}`)
        const key = new SigningKey(this, `${pascal(plan.keyId)}Key`, {
          planned: plan,
          aliasName: `alias/${nameOf(deployment, plan.keyId)}`,
          signerRoles: signersOf(definition, plan).map(service => nameOf(deployment, definition.name, service)),
        })
        keys.set(plan.keyId, key)
      }
    }
    return keys
  }
}

/** A table that another plugin exports is that one's to make. */
function ownTables(definition: PluginDefinition, plugins: Deployment['plugins']) {
  const others = plugins.filter(plugin => plugin.definition !== definition)
  const theirs = others.flatMap(other => other.definition.exports?.tables ?? []).map(({ table }) => table)
  return resourcesOf(definition).tables.filter(table => !theirs.includes(table))
}
