import * as z from 'zod'

const rate = z.strictObject({
  requests_per_second: z
    .number()
    .min(0.0001)
    .max(100_000)
    .describe('In the long run; 0.1 is one request in ten seconds'),
  burst: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Requests that may come at once after a pause; default twice requests_per_second, at least 1'),
})

const perDay = z.int().min(1).max(1_000_000_000)

/** How much each caller may ask for. */
export const rateLimitsSchema = z.strictObject({
  callers: z
    .record(
      z
        .string()
        .regex(
          /^(?:\*|[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){0,2})$/,
          'expected *, or <plugin>, <plugin>.<service> or <plugin>.<service>.<operation>',
        ),
      rate,
    )
    .default({})
    .describe(
      'What each principal may ask for, by *, <plugin>, <plugin>.<service> or <plugin>.<service>.<operation>. The narrowest counts, for all that it names together; default no limit',
    ),
  api_key_requests_per_day: perDay.optional().describe('Of each holder of API keys, on a day of UTC; default no quota'),
  requests_per_day: z
    .record(z.string().min(1), perDay)
    .default({})
    .describe('By subject of a principal, such as api_key#<holder>: its own quota for a day of UTC'),
})
