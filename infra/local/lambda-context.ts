import type { LambdaContext } from '@mmf/framework/http'

/** Lambda's context object for one local call. */
export function lambdaContext(requestId: string, timeoutMs: number): LambdaContext {
  const end = performance.now() + timeoutMs
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: false,
    functionName: 'local',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:local:000000000000:function:local',
    memoryLimitInMB: '512',
    logGroupName: 'local',
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, end - performance.now()),
    done: unsupported,
    fail: unsupported,
    succeed: unsupported,
  }
}

function unsupported(): never {
  throw new TypeError('callbacks are gone since Node 24: return a promise')
}
