import { bytes, table } from '@mmf/framework'
import * as z from 'zod'

/** The one row that says how long the list is. Each append changes it under the condition that it is still as it was read: so no index is given twice. */
export const heads = table({
  name: 'notary_heads',
  row: z.strictObject({
    log: z.string(),
    size: z.int().gte(0),
    /** The complete subtrees, largest first: the root follows from them alone. */
    peaks: z.array(bytes()),
  }),
  partition: 'log',
})

export const entries = table({
  name: 'notary_entries',
  row: z.strictObject({
    index: z.int().gte(0),
    /** Lower-case hex. */
    digest: z.string(),
    label: z.string(),
    time: z.iso.datetime(),
    leafHash: z.string(),
    principal: z.string(),
  }),
  partition: 'index',
})

/** Complete subtrees, never changed. */
export const nodes = table({
  name: 'notary_nodes',
  row: z.strictObject({
    /** `<level>/<position>` */
    node: z.string(),
    hash: bytes(),
  }),
  partition: 'node',
})

/** Which entry a caller's digest has. */
export const submissions = table({
  name: 'notary_submissions',
  row: z.strictObject({
    /** SHA-256 of caller and digest, hex. */
    submission: z.string(),
    index: z.int().gte(0),
  }),
  partition: 'submission',
})

export const checkpoints = table({
  name: 'notary_checkpoints',
  row: z.strictObject({
    log: z.string(),
    size: z.int().gte(1),
    text: z.string(),
    rootHash: z.string(),
    time: z.iso.datetime(),
    signature: bytes(),
    algorithm: z.string(),
    keyId: z.string(),
    keyVersion: z.int(),
    signatureId: z.string(),
  }),
  partition: 'log',
  sort: 'size',
})
