import { defineRole } from '@mmf/framework'

export const roles = {
  submitter: defineRole({ name: 'notary_submitter', description: 'Appends digests to the list of the notary.' }),
  administrator: defineRole({
    name: 'notary_administrator',
    description: 'Has a checkpoint of the list signed at once.',
  }),
} as const
