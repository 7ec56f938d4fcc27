import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defined, MmfError } from '@mmf/framework'
import { testCall } from '@mmf/framework/testing'
import { parseCertificate, prepareEvidence } from '@mmf/pki'
import { createRoot, testTime } from '../../../../layer/pki/src/testing/index.ts'
import { lookupPublicKey } from '../../directory/operations/lookup-public-key.ts'
import { getCrl, listCrls } from '../../directory/operations/read-crls.ts'
import type { ValidationContext } from '../operation.ts'
import type { Settings } from '../settings.ts'
import { withDirectory } from './directory.ts'

const root = createRoot()
const leaf = parseCertificate(root.issue('CN=Leaf').der)
const day = 24 * 60 * 60 * 1000
const settings: Settings = { profile: 'rfc5280', at: testTime.getTime(), revocation: 'required' }
const nothing = { intermediates: [], crls: [], ocspResponses: [], evidence: prepareEvidence() }

interface StoredList {
  readonly fingerprint: string
  readonly days: number
  readonly baseNumber?: string
}

const bytesOf = ({ days }: StoredList) =>
  root.crl({
    thisUpdate: new Date(testTime.getTime() + days * day),
    nextUpdate: new Date(testTime.getTime() + 400 * day),
  })

/** A directory that holds lists of one issuer, newest first, and answers in pages. */
function directoryOf(lists: readonly StoredList[]) {
  const asked = { pages: 0, lists: [] as string[] }
  const answer = (operation: object, input: Record<string, unknown>): unknown => {
    if (operation === lookupPublicKey) throw new MmfError('public_key_not_found')
    if (operation === listCrls) {
      asked.pages += 1
      const from = Number(input['cursor'] ?? 0)
      const to = from + Number(input['limit'])
      const crls = lists.slice(from, to).map(list => ({
        fingerprint: list.fingerprint,
        size: bytesOf(list).length,
        thisUpdate: new Date(testTime.getTime() + list.days * day).toISOString(),
        ...defined({ baseNumber: list.baseNumber }),
      }))
      return { crls, ...(to < lists.length ? { cursor: String(to) } : {}) }
    }
    assert.equal(operation, getCrl)
    const wanted = lists.find(({ fingerprint }) => fingerprint === input['fingerprint'])
    assert.ok(wanted)
    asked.lists.push(wanted.fingerprint)
    return { content: bytesOf(wanted) }
  }
  const services = { call: async (operation: object, input: Record<string, unknown>) => answer(operation, input) }
  return { asked, context: { services } as unknown as ValidationContext }
}

const ask = (context: ValidationContext) =>
  withDirectory([{ target: leaf, others: [] }], nothing, settings, { context, call: testCall() })

const newer = (count: number): StoredList[] =>
  Array.from({ length: count }, (_, i) => ({ fingerprint: `newer ${i}`, days: count - i }))

test('the list of the moment is found, however many came after it', async () => {
  const { asked, context } = directoryOf([
    ...newer(45),
    { fingerprint: 'then', days: -1 },
    { fingerprint: 'old', days: -9 },
  ])
  const { crls } = await ask(context)
  assert.deepEqual(asked, { pages: 3, lists: ['then'] })
  assert.deepEqual(
    crls.map(({ thisUpdate }) => thisUpdate),
    [testTime.getTime() - day],
  )
})

test('many deltas do not hide the complete list that they change', async () => {
  const deltas = Array.from({ length: 30 }, (_, i) => ({ fingerprint: `delta ${i}`, days: -1, baseNumber: '7' }))
  const { asked, context } = directoryOf([...deltas, { fingerprint: 'complete', days: -2 }])
  await ask(context)
  assert.deepEqual(asked, { pages: 2, lists: ['complete', 'delta 0'] })
})

test('an issuer without a list of the moment ends the search', async () => {
  const { asked, context } = directoryOf(newer(45))
  assert.deepEqual((await ask(context)).crls, [])
  assert.deepEqual(asked, { pages: 3, lists: [] })
})
