/** Adapters of AWS. They name types of the SDK only: a handler hands in clients and command classes. */
export { type AwsPlatformOptions, createAwsPlatform } from './aws/aws-platform.ts'
