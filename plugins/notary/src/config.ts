import { pluginConfig, signingAlgorithmNames } from '@mmf/framework'
import * as z from 'zod'

export const notaryConfigSchema = pluginConfig({
  origin: z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, 'must be 1 to 100 visible ASCII characters')
    .default('notary')
    .describe(
      'The name of this list: the first line of each checkpoint, so that one of another list cannot pass for it',
    ),
  checkpoint_algorithm: z
    .enum(signingAlgorithmNames)
    .default('ECDSA-SHA256')
    .describe('How checkpoints are signed; one of the signing_algorithms of marty'),
})

export type NotaryConfig = z.output<typeof notaryConfigSchema>
