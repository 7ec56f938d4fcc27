import { MmfError } from '../../errors/mmf-error.ts'

interface Range {
  readonly min: number
  readonly max: number
  /** Default true. */
  readonly whole?: boolean
}

/** Refuses a number that a concern cannot work with. @throws {MmfError} `concern_invalid` */
export function checkNumber(concern: string, option: string, value: unknown, { min, max, whole = true }: Range): void {
  const fits = typeof value === 'number' && value >= min && value <= max && (!whole || Number.isSafeInteger(value))
  if (fits) return
  const shown = typeof value === 'number' ? String(value) : typeof value
  throw new MmfError('concern_invalid', {
    detail: `${concern}: ${option} must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not ${shown}`,
  })
}

/** Refuses a name that is not snake_case. @throws {MmfError} `concern_invalid` */
export function checkName(concern: string, option: string, value: unknown): void {
  if (typeof value === 'string' && /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(value)) return
  throw new MmfError('concern_invalid', {
    detail: `${concern}: ${option} must be a snake_case name, not ${typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : typeof value}`,
  })
}
