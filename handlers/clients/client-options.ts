/** How long a client waits, in milliseconds, and how often it asks. */
export interface ClientOptions {
  readonly maxAttempts: number
  readonly requestHandler: {
    /** From the first byte of a request to the first of its answer. */
    readonly requestTimeout: number
    /** Without it the SDK only warns, and waits on. */
    readonly throwOnRequestTimeout: true
    /** Longest silence while an answer arrives. */
    readonly socketTimeout: number
    readonly connectionTimeout: number
  }
}

function limits(requestTimeout: number, maxAttempts: number): ClientOptions {
  return {
    maxAttempts,
    requestHandler: {
      requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeout,
      connectionTimeout: 1_000,
    },
  }
}

/** For calls that are answered in milliseconds: one that hangs is repeated while the request (25 s) still has time. */
export const clientOptions = limits(5_000, 3)

/** S3 takes and gives megabytes. */
export const objectOptions = limits(10_000, 2)

/** A function that is called has as long as its caller, whose own deadline cuts the call off; what may have begun is not begun again. */
export const invokeOptions = limits(25_000, 1)
