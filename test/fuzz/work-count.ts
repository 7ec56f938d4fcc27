import { DerReader } from '../../layer/pki/src/der/reader.ts'

let count = 0

// Every element that is read passes through one of these; counting them measures work without a clock.
for (const method of ['any', 'next', 'optional', 'peek'] as const) {
  const original = DerReader.prototype[method] as (this: DerReader, ...rest: unknown[]) => unknown
  Object.defineProperty(DerReader.prototype, method, {
    configurable: true,
    writable: true,
    value(this: DerReader, ...rest: unknown[]) {
      count++
      return original.apply(this, rest)
    },
  })
}

/** How many elements were asked for while `work` ran. Importing this module counts for the whole process. */
export function elementsRead(work: () => void): number {
  const before = count
  work()
  return count - before
}
