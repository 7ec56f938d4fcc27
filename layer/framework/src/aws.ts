/** Adapters of AWS. They name types of the SDK only: a handler hands in clients and command classes. */
export { type AwsPlatformOptions, createAwsPlatform } from './aws/aws-platform.ts'
export { createDeadLetterFiling, type DeadLetterFilingOptions } from './aws/dead-letter-filing.ts'
export type { OutboxFunctionOptions } from './aws/outbox-environment.ts'
export { createOutboxRelay } from './aws/outbox-relay.ts'
export { createOutboxSweeper } from './aws/outbox-sweeper.ts'
