import type { FunctionHandler } from '@mmf/framework/http'
import type { HandlerModule } from '../functions.ts'

/** A module whose function can be replaced while it serves. */
export interface HeldModule extends HandlerModule {
  /** Stops the plugin of the function once, when its last event has ended. Resolves then. */
  retire(): Promise<void>
}

/** Makes one function of a module, however often it is asked for: what was not changed goes on as it is. */
export function heldModule({ definition, create }: HandlerModule): HeldModule {
  let held: ReturnType<typeof hold> | undefined
  return {
    definition,
    create(platform) {
      held ??= hold(create(platform))
      return held.handler
    },
    async retire() {
      await held?.retire()
    },
  }
}

function hold(handler: FunctionHandler) {
  const stopped = Promise.withResolvers<void>()
  let inHand = 0
  let retired = false
  let stopping = false
  const stopWhenIdle = () => {
    if (!retired || stopping || inHand > 0) return
    stopping = true
    handler.stop().then(stopped.resolve, stopped.reject)
  }
  // One turn later: an event that was on its way here when the function was replaced has come then.
  const look = () => setImmediate(stopWhenIdle)
  const serve = async (...args: Parameters<FunctionHandler>) => {
    inHand += 1
    try {
      return await handler(...args)
    } finally {
      inHand -= 1
      if (retired) look()
    }
  }
  return {
    handler: Object.assign(serve as FunctionHandler, { boot: () => handler.boot(), stop: () => handler.stop() }),
    retire() {
      retired = true
      look()
      return stopped.promise
    },
  }
}
