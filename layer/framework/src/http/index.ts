export { createFunctionHandler, type FunctionHandler, type HttpFunction } from './create-function-handler.ts'
export type { HttpEvent, HttpResult, LambdaContext } from './lambda-types.ts'
export { openapiOf } from './openapi/openapi-of.ts'
export type { HandlerDefinition, HttpPlatform, PlatformFactory } from './platform.ts'
