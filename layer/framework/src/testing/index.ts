/** For the tests of plugins and of the platform itself; no function loads it. */
export { createTestPlatform, type TestPlatform } from './create-test-platform.ts'
export { createManualClock, type ManualClock } from './manual-clock.ts'
export {
  type RecordedLine,
  type RecordedSpan,
  type RecordingObservability,
  recordingObservability,
} from './recording-observability.ts'
export { testCall } from './test-call.ts'
