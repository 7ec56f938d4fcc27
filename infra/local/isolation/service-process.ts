import { join } from 'node:path'
import type { FunctionHandler } from '@mmf/framework/http'
import type { ServiceReply } from '@mmf/framework/internal'
import { openEmbeddedPlatform } from '../embedded-platform.ts'
import { lambdaContext } from '../lambda-context.ts'
import { loadHandlers } from '../load-handlers.ts'
import { openConfiguration } from '../open-configuration.ts'
import { answerOf, errorData, type FromService, openQuestions, type ToService } from './messages.ts'

/** The process of one service: it opens the platform for itself and serves what its parent hands on. This file is its program. */
export const serviceProgram: string = import.meta.filename

async function open(
  pluginName: string,
  serviceName: string,
  questions: ReturnType<typeof openQuestions>,
): Promise<{ handler: FunctionHandler; close: () => Promise<void> }> {
  const { plugins, configs, base, built, resources } = await openConfiguration(process.env)
  const modules = await loadHandlers(join(built, 'handlers'), plugins)
  const module = modules.find(
    ({ definition }) =>
      'plugin' in definition && definition.plugin.name === pluginName && definition.services.includes(serviceName),
  )
  if (module === undefined) throw new TypeError(`nothing was built for ${pluginName}.${serviceName}`)
  const platform = await openEmbeddedPlatform({
    configs,
    base,
    plugins,
    env: process.env,
    reload: true,
    resources,
    invoke: call => questions.ask(id => send({ kind: 'call', id, call })) as Promise<ServiceReply>,
  })
  const handler = module.create(async () => platform.http)
  await handler.boot()
  return {
    handler,
    async close() {
      await handler.stop()
      await platform.close()
    },
  }
}

const send = (message: FromService) => void process.send?.(message, () => {})

async function serve(): Promise<void> {
  const [, , pluginName = '', serviceName = ''] = process.argv
  const questions = openQuestions()
  // Signals of a terminal reach the whole group of processes; the parent says when the end is.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  process.on('disconnect', () => process.exit(1))
  try {
    const { handler, close } = await open(pluginName, serviceName, questions)
    process.on('message', (message: ToService) => {
      if (message.kind === 'answer') return questions.answered(message)
      if (message.kind === 'stop') return void close().finally(() => process.exit(0))
      const { id, event, requestId, timeMs } = message
      return void answerOf(id, () => handler(event as never, lambdaContext(requestId, timeMs))).then(send)
    })
    send({ kind: 'ready' })
  } catch (error) {
    process.send?.({ kind: 'failed', error: errorData(error) } satisfies FromService, () => process.exit(1))
  }
}

if (import.meta.main) await serve()
