import { DescribeKeyCommand, GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms'
import { type ClientOptions, clientOptions } from './client-options.ts'

export const kms = (options: ClientOptions = clientOptions) => ({
  client: new KMSClient(options),
  commands: { SignCommand, GetPublicKeyCommand, DescribeKeyCommand },
})
