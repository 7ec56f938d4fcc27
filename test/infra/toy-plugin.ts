import {
  bytes,
  calls,
  defineAlarm,
  defineEvent,
  defineKey,
  definePlugin,
  defineRole,
  defineService,
  eventHandler,
  idempotent,
  pluginConfig,
  publicAccess,
  publishes,
  reads,
  requiresAuth,
  scheduled,
  secretSetting,
  serviceScope,
  signingAlgorithmNames,
  signs,
  table,
  writes,
} from '@mmf/framework'
import * as z from 'zod'

// A second domain bundle, as someone else would write it. No file in infra/ knows it.

const letters = table({
  name: 'toy_letters',
  row: z.strictObject({ box: z.string(), sequence: z.int(), expires: z.int(), digest: bytes(), text: z.string() }),
  partition: 'box',
  sort: 'sequence',
  indexes: { by_digest: { partition: 'digest' } },
  ttl: 'expires',
})

const sealKey = defineKey({
  name: 'toy_seal',
  purpose: 'sign',
  algorithms: ['ECDSA-SHA256', 'RSA-PSS-SHA256', 'RSA-SHA256', 'ML-DSA-65'],
})

const letterSent = defineEvent({ name: 'letter_sent', version: 2, data: z.strictObject({ box: z.string() }) })

const senderRole = defineRole({ name: 'sender', description: 'Sends letters' })

const Letter = z.strictObject({ box: z.string() })

const sender = serviceScope<unknown>()('toy_sender', {
  tables: [writes(letters)],
  keys: [signs(sealKey)],
  events: [publishes(letterSent)],
})

const sendLetter = sender({
  name: 'send_letter',
  input: Letter,
  output: Letter,
  http: { method: 'POST', path: '/v1/letters' },
  concerns: [requiresAuth({ roles: [senderRole] }), idempotent()],
  run: async input => input,
})

// The reader may not write letters itself, so this call needs the sender's function.
const reader = serviceScope<unknown>()('toy_reader', { tables: [reads(letters)], calls: [calls(sendLetter)] })

const readLetter = reader({
  name: 'read_letter',
  input: Letter,
  output: Letter,
  http: { method: 'GET', path: '/v1/letters/{box}' },
  concerns: [publicAccess()],
  run: async input => input,
})

const countLetters = serviceScope<unknown>()('toy_reader', { tables: [reads(letters)] })({
  name: 'count_letters',
  input: Letter,
  output: z.int(),
  concerns: [requiresAuth()],
  run: async () => 0,
})

const onLetter = reader({
  name: 'on_letter',
  input: Letter,
  output: z.undefined(),
  concerns: [eventHandler({ eventType: 'letter_sent', retryAttempts: 2 })],
  run: async () => undefined,
})

// The inspector may read what the reader reads, but not call the sender: reading stays in process.
const inspector = serviceScope<unknown>()('toy_inspector', {
  tables: [reads(letters)],
  calls: [calls(countLetters)],
  blobs: 'read',
})

const inspect = inspector({
  name: 'inspect',
  input: Letter,
  output: Letter,
  concerns: [requiresAuth()],
  run: async input => input,
})

const tidyLetters = inspector({
  name: 'tidy_letters',
  input: z.strictObject({}),
  output: z.undefined(),
  concerns: [scheduled({ everyMinutes: 90 })],
  run: async () => undefined,
})

const lettersLost = defineAlarm({
  name: 'letters_lost',
  description: 'Letters are lost',
  metric: 'letters_lost_total',
  labels: { box: 'blue' },
  statistic: 'sum',
  threshold: 3,
  periodMinutes: 10,
  missingData: 'wrong',
})

export const toy = definePlugin({
  name: 'toy',
  title: 'Toy',
  version: '1.0.0',
  description: 'Letters',
  metricPrefix: 'toy',
  config: pluginConfig({
    signing_algorithms: z.array(z.enum(signingAlgorithmNames)),
    post_office: secretSetting().optional(),
    post_box: secretSetting().optional(),
  }),
  roles: [senderRole],
  signingAlgorithms: config => config.signing_algorithms,
  services: [
    defineService({ name: 'toy_sender', description: 'Sends letters', operations: { sendLetter } }),
    defineService({
      name: 'toy_reader',
      description: 'Reads letters',
      operations: { readLetter, countLetters, onLetter },
    }),
    defineService({
      name: 'toy_inspector',
      description: 'Inspects letters',
      operations: { inspect, tidyLetters },
      alarms: [lettersLost],
    }),
  ],
})
