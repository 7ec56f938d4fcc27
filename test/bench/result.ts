/** One claim and what was measured. */
export interface BenchResult {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What it must reach, or must not pass; absent where nothing is claimed. */
  readonly target?: number
  readonly met?: boolean
}

/** A result that must not be larger than its target. */
export function atMost(target: number, unit: string, name: string, value: number): BenchResult {
  return { name, value, unit, target, met: value <= target }
}

export function describeResult({ name, value, unit, target, met }: BenchResult): string {
  const verdict = met === undefined ? '      ' : met ? 'met   ' : 'MISSED'
  const shown = Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(2)
  return `${verdict} ${shown.padStart(10)} ${unit.padEnd(6)} ${name}${target === undefined ? '' : ` (target ${target})`}`
}
