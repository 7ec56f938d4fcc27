/** Time for one call to AWS, in milliseconds: a call that hangs is repeated while the request still has time. */
const requestTimeout = 5_000

export const clientOptions = { maxAttempts: 3, requestHandler: { requestTimeout, connectionTimeout: 1_000 } } as const
