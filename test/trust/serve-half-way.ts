import type { DatabaseAdapter } from '@mmf/framework'
import { signingWith, startPlatform } from '../http/support/start-platform.ts'
import { administrator } from '../http/support/trust-anchors.fixture.ts'

// A server to be killed: after so many large transactions it does nothing more. Arguments: data folder, how many. Prints its address and a
// token of an administrator, later `half-way`.
const [dataDirectory = '', transactions = '0'] = process.argv.slice(2)
let left = Number(transactions)

const stopping = (database: DatabaseAdapter): DatabaseAdapter => ({
  ...database,
  async transaction(writes, options) {
    if (writes.length > 50 && left-- <= 0) {
      process.stdout.write('half-way\n')
      await new Promise<never>(() => {})
    }
    return database.transaction(writes, options)
  },
})

const marty = await startPlatform({
  dataDirectory,
  env: signingWith('ECDSA-SHA256'),
  wrap: { database: stopping },
})
process.stdout.write(`${marty.url} ${administrator(marty)}\n`)
