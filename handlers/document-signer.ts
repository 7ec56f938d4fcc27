import { martyDomain } from '@marty/plugin/domain'
import { documentSigner } from '@marty/plugin/services/document-signer'
import { definePlugin } from '@mmf/framework'
import { createFunctionHandler, type FunctionHandler, type PlatformFactory } from '@mmf/framework/http'
import { awsPlatform, startInLambda } from './aws-platform.ts'
import { dynamodb } from './clients/dynamodb.ts'
import { kms } from './clients/kms.ts'

export const definition = {
  plugin: definePlugin({ ...martyDomain, services: [documentSigner] }),
  services: [documentSigner.name],
} as const

/** The handler over another platform: the local runner and the tests use the same code with embedded adapters. */
export const create = (platform: PlatformFactory): FunctionHandler => createFunctionHandler(definition, platform)

export const handler = await startInLambda(create(awsPlatform(() => ({ dynamodb: dynamodb(), kms: kms() }))))
