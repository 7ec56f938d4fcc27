import type { FixedAtStart } from '../../plugins/fixed-at-start.ts'

type Plugins = Readonly<Record<string, FixedAtStart>>

const parts = ['tables', 'keys', 'settings', 'secrets'] as const

/** What differs between the plugins that run and those that were saved and that a running host does not follow; empty: nothing. */
export function needsRestart(running: Plugins, saved: Plugins): readonly string[] {
  const names = [...new Set([...Object.keys(running), ...Object.keys(saved)])].sort()
  return names.flatMap(name => {
    const [before, after] = [running[name], saved[name]]
    if (before === undefined) return [`plugin ${name} was added`]
    if (after === undefined) return [`plugin ${name} was removed or switched off`]
    return parts.filter(part => before[part] !== after[part]).map(part => `${part} of ${name} changed`)
  })
}
