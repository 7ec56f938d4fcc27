import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { clientOptions } from '../clients/client-options.ts'

export const secretsManager = () => ({
  client: new SecretsManagerClient(clientOptions),
  commands: { GetSecretValueCommand },
})
