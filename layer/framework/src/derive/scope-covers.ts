import type { Scope } from '../contract/scope.ts'

/** Whether a holder of `outer` may touch everything that `inner` touches: then a call needs no other function's role. */
export function scopeCovers(outer: Scope, inner: Scope): boolean {
  const tables = new Map((outer.tables ?? []).map(grant => [grant.table.name, grant.access]))
  const keys = new Set((outer.keys ?? []).map(grant => grant.key.name))
  const events = new Set((outer.events ?? []).map(grant => grant.event.name))
  const operations = new Set((outer.calls ?? []).map(grant => grant.operation))
  return (
    (inner.tables ?? []).every(({ table, access }) => {
      const held = tables.get(table.name)
      return held === 'write' || (held === 'read' && access === 'read')
    }) &&
    (inner.keys ?? []).every(({ key }) => keys.has(key.name)) &&
    (inner.events ?? []).every(({ event }) => events.has(event.name)) &&
    (inner.calls ?? []).every(({ operation }) => operations.has(operation)) &&
    (inner.blobs === undefined || outer.blobs === 'write' || outer.blobs === inner.blobs) &&
    (inner.egress === undefined || outer.egress === true) &&
    (inner.rateLimits === undefined || outer.rateLimits === true)
  )
}
