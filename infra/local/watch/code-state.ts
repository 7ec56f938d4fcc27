import { defined } from '@mmf/framework'
import type { HttpPlatform } from '@mmf/framework/http'
import type { CodeFault } from '../../plugins/rebuild-answer.ts'

type CodeStatus = ReturnType<NonNullable<HttpPlatform['codeStatus']>>

/** What became of the code that was saved last, for health. */
export function codeState(now: () => string) {
  let state: CodeStatus = { status: 'current', since: now() }
  const since = (status: CodeStatus['status']) => (state.status === status ? state.since : now())
  return {
    /** Of a refusal that is another plugin's, a plugin says nothing. */
    status: (plugin: string): CodeStatus =>
      state.error?.plugin === undefined || state.error.plugin === plugin
        ? state
        : { status: 'current', since: state.since },
    swapped() {
      state = { status: 'current', since: now() }
    },
    refused({ plugin, code, at }: CodeFault) {
      const error = { ...defined({ plugin }), code, ...defined({ at }) }
      state = { status: 'refused', since: since('refused'), error }
    },
    restart(reasons: readonly string[]) {
      state = { status: 'restart', since: since('restart'), restart: [...reasons] }
    },
    /** Whether nothing else was saved since the code that runs. */
    isCurrent: () => state.status === 'current',
  }
}
