/** For the tests of plugins and of the platform itself; no function loads it. */
export { createTestPlatform, type TestPlatform } from './create-test-platform.ts'
export { type DynamoDbLocal, dynamoDbLocalMissing, startDynamoDbLocal } from './dynamodb-local.ts'
export { createTableInput } from './dynamodb-tables.ts'
export { type FakeKms, startFakeKms } from './fake-kms.ts'
export { createLaggingDatabase } from './lagging-database.ts'
export { createManualClock, type ManualClock } from './manual-clock.ts'
export {
  type RecordedLine,
  type RecordedSpan,
  type RecordingObservability,
  recordingObservability,
} from './recording-observability.ts'
export { testCall } from './test-call.ts'
