import { createFunctionHandler, type FunctionHandler, type PlatformFactory } from '@mmf/framework/http'
import { plugins } from '../plugins/index.ts'
import { awsPlatform, startInLambda } from './aws-platform.ts'
import { dynamodb } from './clients/dynamodb.ts'
import { kms } from './clients/kms.ts'
import { lambda } from './clients/lambda.ts'

/** Health, readiness, dead letters and OpenAPI over all plugins, and the answer to every path that no function has. */
export const definition = { platformOf: plugins } as const

export const create = (platform: PlatformFactory): FunctionHandler => createFunctionHandler(definition, platform)

export const handler = await startInLambda(
  create(awsPlatform(() => ({ dynamodb: dynamodb(), kms: kms(), lambda: lambda() }))),
)
