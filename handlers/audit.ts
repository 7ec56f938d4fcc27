import { martyDomain } from '@marty/plugin/domain'
import { audit } from '@marty/plugin/services/audit'
import { definePlugin } from '@mmf/framework'
import { createFunctionHandler, type FunctionHandler, type PlatformFactory } from '@mmf/framework/http'
import { awsPlatform, startInLambda } from './aws-platform.ts'
import { dynamodb } from './clients/dynamodb.ts'
import { s3 } from './clients/s3.ts'

export const definition = {
  plugin: definePlugin({ ...martyDomain, services: [audit] }),
  services: [audit.name],
} as const

/** The handler over another platform: the local runner and the tests use the same code with embedded adapters. */
export const create = (platform: PlatformFactory): FunctionHandler => createFunctionHandler(definition, platform)

export const handler = await startInLambda(create(awsPlatform(() => ({ dynamodb: dynamodb(), s3: s3() }))))
