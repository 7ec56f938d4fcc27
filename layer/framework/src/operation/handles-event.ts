import type { AnyOperation } from './operation.ts'

/** Whether an operation subscribes to a CloudEvents type `<plugin>.<name>.v<version>`, which it may name with or without the version. */
export function handlesEvent(operation: AnyOperation, type: string): boolean {
  const wanted = operation.declares.event?.eventType
  if (wanted === undefined) return false
  const name = type.slice(type.indexOf('.') + 1)
  return wanted === name || wanted === name.replace(/\.v\d+$/, '')
}
