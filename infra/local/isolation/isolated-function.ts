import { type ChildProcess, fork } from 'node:child_process'
import { MmfError } from '@mmf/framework'
import type { FunctionHandler, HttpPlatform, LambdaContext } from '@mmf/framework/http'
import type { ServiceTransport } from '@mmf/framework/internal'
import type { HandlerModule } from '../functions.ts'
import { gatewayProblem } from '../gateway-problem.ts'
import { answerOf, errorOf, type FromService, openQuestions, type ToService } from './messages.ts'
import { serviceProgram } from './service-process.ts'

/** A process that dies is started again after 100 ms, then after twice as long each time, at most after 10 s. In milliseconds. */
const backoff = { first: 100, most: 10_000 }
/** How long after the time of a call its process is killed, as one that hangs, in milliseconds. */
const graceMs = 1000

export interface Isolated {
  readonly plugin: string
  readonly service: string
  readonly memoryMb: number | undefined
  /** Carries calls of the service to others. */
  readonly invoke: ServiceTransport
}

/** The function of one service in a process of its own. What is in flight when that dies is `service_unavailable`; it starts again by itself. */
export function isolatedFunction(module: HandlerModule, isolated: Isolated): HandlerModule {
  return { ...module, create: factory => handlerOf(isolated, () => factory(module.definition)) }
}

function handlerOf(isolated: Isolated, platform: () => Promise<HttpPlatform>): FunctionHandler {
  const { plugin, service, memoryMb, invoke } = isolated
  const name = `${plugin}.${service}`
  const gone = () => new MmfError('service_unavailable', { detail: `the process of ${name} ended` })
  const questions = openQuestions()
  let child: ChildProcess | undefined
  let starting: Promise<void> | undefined
  let isReady = false
  let stopping = false
  let deaths = 0
  let timer: NodeJS.Timeout | undefined

  const send = (to: ChildProcess | undefined, message: ToService) => void to?.send(message, () => {})

  function start(): Promise<void> {
    starting ??= launch()
    return starting
  }

  async function launch(): Promise<void> {
    const { logger, metrics } = (await platform()).observability
    const begun = Promise.withResolvers<void>()
    const process = fork(serviceProgram, [plugin, service], {
      execArgv: memoryMb === undefined ? [] : [`--max-old-space-size=${memoryMb}`],
    })
    child = process
    process.on('error', () => {})
    process.on('message', (message: FromService) => {
      if (message.kind === 'answer') return questions.answered(message)
      if (message.kind === 'failed') return begun.reject(errorOf(message.error))
      if (message.kind === 'call') {
        const { id, call } = message
        const signal = AbortSignal.timeout(Math.max(1, call.deadline - Date.now()))
        return void answerOf(id, () => invoke(call, { signal })).then(answer => send(process, answer))
      }
      isReady = true
      logger.info('service process started', { plugin, service, pid: process.pid })
      return begun.resolve()
    })
    process.once('exit', (code, signal) => {
      isReady = false
      child = undefined
      starting = undefined
      begun.reject(gone())
      questions.failAll(gone)
      if (stopping) return
      const waitMs = Math.min(backoff.first * 2 ** deaths, backoff.most)
      deaths = Math.min(deaths + 1, 16)
      metrics.count('mmf_service_process_ends_total', { plugin, service })
      logger.error('service process ended; it starts again', { plugin, service, code, signal, waitMs })
      timer = setTimeout(
        () => void start().catch(error => logger.error('service process did not start', { error })),
        waitMs,
      )
    })
    return begun.promise
  }

  /** @throws {MmfError} `service_unavailable` without a process, and when it ends meanwhile; what the function throws */
  async function ask(event: unknown, context: LambdaContext): Promise<unknown> {
    const asked = child
    if (!isReady || asked === undefined) throw gone()
    const timeMs = context.getRemainingTimeInMillis()
    // As Lambda does: a call that is over its time ends with its process, else a loop would hold the service for ever.
    const hangs = setTimeout(() => asked.kill('SIGKILL'), timeMs + graceMs)
    try {
      const answer = await questions.ask(id =>
        send(asked, { kind: 'event', id, event, requestId: context.awsRequestId, timeMs }),
      )
      deaths = 0
      return answer
    } finally {
      clearTimeout(hangs)
    }
  }

  const handler = async (event: object, context: LambdaContext) => {
    if (!('requestContext' in event)) return ask(event, context)
    return ask(event, context).catch((error: MmfError) => gatewayProblem(error, context.awsRequestId))
  }
  return Object.assign(handler as FunctionHandler, {
    boot: start,
    async stop() {
      stopping = true
      clearTimeout(timer)
      const last = child
      if (last === undefined) return
      const ended = new Promise(resolve => last.once('exit', resolve))
      const forced = setTimeout(() => last.kill('SIGKILL'), 5000)
      send(last, { kind: 'stop' })
      await ended
      clearTimeout(forced)
    },
  })
}
