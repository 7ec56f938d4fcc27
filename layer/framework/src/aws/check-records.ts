import { MmfError } from '../errors/mmf-error.ts'

/**
 * Refuses a batch that is none of this source: for the source, a function that returns has dealt with its records.
 * @param member what every record of the source has
 * @throws {MmfError} `event_unsupported`
 */
export function checkRecords(event: unknown, source: string, member: string): void {
  const records = (event as { readonly Records?: unknown } | null | undefined)?.Records
  const isOurs =
    Array.isArray(records) &&
    records.every(record => typeof record === 'object' && record !== null && Object.hasOwn(record, member))
  if (!isOurs) throw new MmfError('event_unsupported', { detail: `expected: records of ${source}` })
}

/** Refuses records where none are taken: the source would take a return of a schedule's function to mean that they are dealt with. @throws {MmfError} `event_unsupported` */
export function refuseRecords(event: unknown): void {
  if (typeof event !== 'object' || event === null || !('Records' in event || 'records' in event)) return
  throw new MmfError('event_unsupported', { detail: 'expected: the event of a schedule; received records' })
}
