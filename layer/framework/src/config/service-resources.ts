import * as z from 'zod'

/** What the function of one service gets, within the limits of Lambda (quotas of the AWS Lambda Developer Guide). */
export const serviceResourcesSchema = z.strictObject({
  memory_mb: z.int().min(128).max(10_240).optional().describe('Memory of its function, in MB; CPU grows with it'),
  timeout_seconds: z
    .int()
    .min(1)
    .max(900)
    .optional()
    .describe(
      'Time for one call of its function; at most 30 where the service has routes, as API Gateway waits no longer',
    ),
  reserved_concurrency: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('Calls of its function at a time: kept free for it, and no more'),
  isolation: z
    .enum(['none', 'process'])
    .optional()
    .describe('Whether `npm start` runs the service in a process of its own; a function on AWS always is one'),
  log_level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .optional()
    .describe('Least severe level that its function writes'),
})

export type ServiceResources = z.output<typeof serviceResourcesSchema>
