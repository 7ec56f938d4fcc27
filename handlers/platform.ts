import { createFunctionHandler, type FunctionHandler, type PlatformFactory } from '@mmf/framework/http'
import { awsPlatform, startInLambda } from './aws-platform.ts'
// The plugins that were found. The build writes it.
import { definition } from './built/plugins.js'
import { dynamodb } from './clients/dynamodb.ts'
import { kms } from './clients/kms.ts'
import { lambda } from './clients/lambda.ts'

/** Health, readiness, dead letters and OpenAPI over all plugins, and the answer to every path that no function has. */
export { definition }

export const create = (platform: PlatformFactory): FunctionHandler => createFunctionHandler(definition, platform)

export const handler = await startInLambda(
  create(awsPlatform(() => ({ dynamodb: dynamodb(), kms: kms(), lambda: lambda() }))),
)
