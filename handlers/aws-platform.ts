import { type AwsPlatformOptions, createAwsPlatform } from '@mmf/framework/aws'
import type { FunctionHandler, PlatformFactory } from '@mmf/framework/http'

/** The clients of a function: those that it needs and no others, since each makes its bundle larger. */
export type Clients = Pick<AwsPlatformOptions, 'dynamodb' | 'kms' | 's3' | 'lambda'>

/** In a file of its own, which is read by the first reference to a secret: few configurations have one. */
const secrets = async () => (await import('./on-demand/secrets-manager.ts')).secretsManager()

/** The platform on AWS over these clients, which are constructed when it boots. */
export const awsPlatform =
  (clients: () => Clients): PlatformFactory =>
  definition =>
    createAwsPlatform({ ...clients(), secrets, definition, env: process.env })

/** In Lambda everything is built during init, where a failure is seen at once; elsewhere nothing happens before it is asked for. */
export async function startInLambda(handler: FunctionHandler): Promise<FunctionHandler> {
  if (process.env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined) {
    await handler.boot()
    // The runtime sends it where an extension is registered, and gives 500 ms.
    process.once('SIGTERM', () => void handler.stop().finally(() => process.exit(0)))
  }
  return handler
}
