import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { type ClientOptions, clientOptions } from '../clients/client-options.ts'

export const secretsManager = (options: ClientOptions = clientOptions) => ({
  client: new SecretsManagerClient(options),
  commands: { GetSecretValueCommand },
})
