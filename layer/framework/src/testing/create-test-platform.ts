import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loggedDatabase } from '../audit-log/logged-database.ts'
import { createFilesBlobs } from '../blobs/files/files-blobs.ts'
import { createTwoLevelCache } from '../cache/two-level-cache.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import { createMemoryDatabase } from '../database/sqlite/memory-database.ts'
import { allowedKeys, resourcesOf } from '../derive/declared.ts'
import { platformTables } from '../derive/platform-tables.ts'
import { createEgress } from '../egress/create-egress.ts'
import { createEvents } from '../events/outbox/outbox.ts'
import { createIds } from '../ids/uuid-v7.ts'
import { createEmbeddedKeyProvider } from '../keys/embedded/embedded-key-provider.ts'
import { createKeyService } from '../keys/key-service.ts'
import { createResilience } from '../resilience/create-resilience.ts'
import { createManualClock, type ManualClock } from './manual-clock.ts'
import { type RecordingObservability, recordingObservability } from './recording-observability.ts'

export interface TestPlatform extends PlatformContext {
  readonly clock: ManualClock
  readonly observability: RecordingObservability
  /** Removes what the platform put on the disk. */
  close(): Promise<void>
}

/**
 * A platform for the tests of plugins: real adapters in memory, real keys (made on the way: choose EC algorithms where speed
 * matters), a clock that stands still, and everything logged, counted and traced kept to look at.
 * @throws {MmfError} `config_invalid` when a `configs` entry does not match the plugin's schema
 */
export async function createTestPlatform(options: {
  readonly plugins: readonly PluginDefinition[]
  /** Settings by plugin name, as in its YAML; what is left out has its default. */
  readonly configs?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}): Promise<TestPlatform> {
  const clock = createManualClock()
  const ids = createIds({ clock })
  const observability = recordingObservability()
  const directory = mkdtempSync(join(tmpdir(), 'mmf-test-'))
  const database = loggedDatabase(createMemoryDatabase({ clock }), { clock, ids })
  const resources = options.plugins.map(resourcesOf)
  const ofPlatform = Object.values(platformTables)
  await database.open([...ofPlatform, ...resources.flatMap(({ tables }) => tables)])
  const keys = createKeyService({
    // The cheapest key derivation that is allowed: these keys protect nothing.
    provider: createEmbeddedKeyProvider({ directory, secret: { passphrase: 'for tests only' }, scryptCost: 2 ** 14 }),
    database,
    definitions: resources.flatMap(resource => resource.keys),
    clock,
  })
  const configs = new Map(options.plugins.map(p => [p.name, p.config.parse(options.configs?.[p.name] ?? {})]))
  for (const plugin of options.plugins) {
    for (const { key, algorithms } of allowedKeys(plugin, configs.get(plugin.name))) await keys.ensure(key, algorithms)
  }
  return {
    environment: 'testing',
    pluginConfig: async name => configs.get(name),
    database,
    platformTables: ofPlatform,
    keys,
    events: (plugin, service) => createEvents({ plugin, service, clock, ids }),
    cache: createTwoLevelCache({ database, clock, ids, logger: observability.logger }),
    blobs: createFilesBlobs({ directory: join(directory, 'blobs'), clock }),
    egress: createEgress({ allowHosts: [] }),
    // A wait moves the clock: retries take no time.
    resilience: createResilience({ clock, database, observability, sleep: async ms => clock.advance(ms) }),
    observability,
    clock,
    ids,
    checks: {
      async database() {
        await database.ping()
        return { status: 'healthy' }
      },
      keys: signal => keys.health({ signal }),
    },
    async close() {
      await database.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
