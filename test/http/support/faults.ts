import type { DatabaseAdapter } from '@mmf/framework'
import type { KeyProvider } from '@mmf/framework/embedded'
import type { TestPlatformOptions } from './start-platform.ts'

/** Switches by which a test makes the ports of a running platform fail. Without one, the real port answers. */
export interface Faults {
  sign?: ((request: Parameters<KeyProvider['sign']>[0], real: KeyProvider['sign']) => Promise<Uint8Array>) | undefined
  keyHealth?: KeyProvider['health'] | undefined
  /** In place of each transaction; `real` carries it out. */
  transaction?: ((real: () => Promise<void>) => Promise<void>) | undefined
  ping?: (() => Promise<void>) | undefined
  /** In place of each write of one row. */
  write?: (() => Promise<void>) | undefined
  /** In place of each read. */
  read?: (() => Promise<never>) | undefined
}

/** Wraps for `startPlatform`, steered by `faults` while it runs. */
export function faultyPorts(): { readonly faults: Faults; readonly wrap: NonNullable<TestPlatformOptions['wrap']> } {
  const faults: Faults = {}
  const keyProvider = (real: KeyProvider): KeyProvider => ({
    ...real,
    sign: request => (faults.sign === undefined ? real.sign(request) : faults.sign(request, real.sign)),
    health: (...given) => (faults.keyHealth ?? real.health)(...given),
  })
  const database = (real: DatabaseAdapter): DatabaseAdapter => ({
    ...real,
    ping: () => (faults.ping ?? real.ping)(),
    get: (...given) => (faults.read === undefined ? real.get(...given) : faults.read()),
    getMany: (...given) => (faults.read === undefined ? real.getMany(...given) : faults.read()),
    query: (...given) => (faults.read === undefined ? real.query(...given) : faults.read()),
    write: (...given) => (faults.write === undefined ? real.write(...given) : faults.write()),
    transaction(...given) {
      const carryOut = () => real.transaction(...given)
      return faults.transaction === undefined ? carryOut() : faults.transaction(carryOut)
    },
  })
  return { faults, wrap: { keyProvider, database } }
}
