/** Adapters of AWS. They name types of the SDK only: a handler hands in clients and command classes. */
export { type AwsPlatformOptions, createAwsPlatform } from './aws/aws-platform.ts'
export { createOutboxRelay, type OutboxRelayOptions } from './aws/outbox-relay.ts'
