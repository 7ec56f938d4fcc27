import {
  definePlugin,
  defineRole,
  defineService,
  pluginConfig,
  requiresAuth,
  serviceScope,
  traceOperation,
  trackMetrics,
} from '@mmf/framework'
import * as z from 'zod'

const Message = z.strictObject({ text: z.string(), count: z.int(), tags: z.array(z.string()) })

const echoRole = defineRole({ name: 'echo', description: 'Gets answers' })

/** An operation without I/O: what a call costs beside its own work. */
export const echo = serviceScope<unknown>()('echo', {})({
  name: 'echo',
  input: Message,
  output: Message,
  http: { method: 'POST', path: '/v1/echo' },
  concerns: [
    requiresAuth({ roles: [echoRole] }),
    trackMetrics({ metricName: 'echo_requests', labels: ({ input }) => ({ tag: input.tags[0] ?? '' }) }),
    traceOperation({ operationName: 'echo' }),
  ],
  run: async input => input,
})

export const echoPlugin = definePlugin({
  name: 'echo',
  title: 'Echo',
  version: '1.0.0',
  description: 'Answers what it is asked',
  metricPrefix: 'echo',
  config: pluginConfig({}),
  roles: [echoRole],
  services: [defineService({ name: 'echo', description: 'Echo', operations: { echo } })],
})
