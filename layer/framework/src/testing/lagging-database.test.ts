import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { insert, remove, update } from '../database/write.ts'
import { entries } from './database/tables.ts'
import { createLaggingDatabase } from './lagging-database.ts'
import { createManualClock } from './manual-clock.ts'

describe('createLaggingDatabase', () => {
  const found = async (database: ReturnType<typeof createLaggingDatabase>) =>
    (await database.query(entries, { index: 'by_text', partition: 'x' })).rows.map(row => row.at)

  it('shows late what indexes find, never what tables hold', async () => {
    const database = createLaggingDatabase({ clock: createManualClock() })
    await database.open([entries])
    await database.transaction([insert(entries, { owner: 'o', at: '1', text: 'x' })])
    assert.deepEqual((await database.query(entries, { partition: 'o' })).rows.length, 1)
    assert.deepEqual(await found(database), [])
    await database.write(update(entries, { owner: 'o', at: '1' }, { rank: 1 }, { when: 'present' }))
    await database.catchUp()
    assert.deepEqual(await found(database), ['1'])
    await database.write(remove(entries, { owner: 'o', at: '1' }))
    assert.deepEqual(await found(database), ['1'])
    await database.close()
  })

  it('is as many changes late as it is set to be', async () => {
    const database = createLaggingDatabase({ clock: createManualClock(), lag: 2 })
    await database.open([entries])
    for (const at of ['1', '2', '3', '4']) await database.write(insert(entries, { owner: 'o', at, text: 'x' }))
    assert.deepEqual(await found(database), ['1', '2'])
    await database.close()
  })
})
