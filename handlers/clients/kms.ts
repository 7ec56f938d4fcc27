import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { clientOptions } from './client-options.ts'

export const kms = () => ({
  client: new KMSClient(clientOptions),
  commands: { SignCommand, GetPublicKeyCommand, DescribeKeyCommand },
})
