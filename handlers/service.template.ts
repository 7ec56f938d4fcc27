import { createFunctionHandler, type FunctionHandler, type PlatformFactory } from '@mmf/framework/http'
import { awsPlatform, startInLambda } from './aws-platform.ts'
// What differs from function to function. The build writes it: the service and its plugin, and the SDK clients that its scope needs.
import { clients, definition } from './built/service.js'

export { definition }

/** The handler over another platform: the local runner and the tests use the same code with embedded adapters. */
export const create = (platform: PlatformFactory): FunctionHandler => createFunctionHandler(definition, platform)

export const handler = await startInLambda(create(awsPlatform(clients)))
