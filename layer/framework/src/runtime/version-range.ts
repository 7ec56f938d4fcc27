/** A parsed version (semver.org 2.0.0); build metadata is dropped, it has no rank (§10). */
interface Version {
  readonly numbers: readonly [number, number, number]
  readonly prerelease: readonly string[]
}

type Bound = { readonly operator: '>=' | '>' | '<' | '<=' | '='; readonly version: Version }

export const versionText = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/
const partialText =
  /^(?<operator>\^|~|>=|<=|>|<|=)?\s*v?(?<major>\d+|[xX*])(?:\.(?<minor>\d+|[xX*]))?(?:\.(?<patch>\d+|[xX*])(?:-(?<pre>[0-9A-Za-z.-]+))?)?$/

const comparatorText =
  '(?:(?:\\^|~|>=|<=|=)?\\s*v?[xX*]|(?:\\^|~|>=|<=|>|<|=)?\\s*v?\\d+)(?:\\.(?:\\d+|[xX*]))?(?:\\.(?:\\d+|[xX*])(?:-[0-9A-Za-z.-]+)?)?'
const conjunctionText = `\\s*${comparatorText}(?:\\s+${comparatorText})*\\s*`
/** How a range is written, for the JSON Schema of manifests. */
export const rangeText = new RegExp(`^${conjunctionText}(?:\\|\\|${conjunctionText})*$`)

export function isVersion(text: string): boolean {
  return parseVersion(text) !== undefined
}

/** Whether `text` is a range this module understands: `*`, `1.2.3`, `1.2`, `1.x`, `^1.2.3`, `~1.2`, `>=1 <3`, `^1 || ^2`. */
export function isVersionRange(text: string): boolean {
  return rangeText.test(text) && parseRange(text) !== undefined
}

/**
 * Whether a version lies in a range. As in semver, an upper end leaves out its prereleases (`^1.2.3` does not take `2.0.0-rc.1`), and a version that
 * is none, or a range that is none, satisfies nothing.
 */
export function satisfies(version: string, range: string): boolean {
  const parsed = parseVersion(version)
  const alternatives = parseRange(range)
  if (parsed === undefined || alternatives === undefined) return false
  return alternatives.some(bounds => bounds.every(bound => holds(parsed, bound)))
}

function holds(version: Version, { operator, version: end }: Bound): boolean {
  const order = compare(version, end)
  if (operator === '=') return order === 0
  if (operator === '>') return order > 0
  if (operator === '>=') return order >= 0
  return operator === '<' ? order < 0 : order <= 0
}

function parseVersion(text: string): Version | undefined {
  const match = versionText.exec(text)
  if (match === null) return undefined
  const [, major, minor, patch, prerelease] = match
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    prerelease: prerelease === undefined ? [] : prerelease.split('.'),
  }
}

/** Alternatives (`||`) of bounds that must all hold. */
function parseRange(text: string): readonly (readonly Bound[])[] | undefined {
  const alternatives = text.split('||').map(part => {
    const comparators = part
      .trim()
      .replaceAll(/(\^|~|>=|<=|>|<|=)\s+/g, '$1')
      .split(/\s+/)
    const bounds = comparators.map(comparator => boundsOf(comparator))
    return bounds.some(bound => bound === undefined) ? undefined : bounds.flatMap(bound => bound ?? [])
  })
  if (alternatives.some(bounds => bounds === undefined)) return undefined
  return alternatives.map(bounds => bounds ?? [])
}

function boundsOf(comparator: string): readonly Bound[] | undefined {
  const groups = partialText.exec(comparator)?.groups
  if (groups === undefined) return undefined
  const { operator, major, minor, patch, pre } = groups
  const given = [major, minor, patch].map(part => (part === undefined || /[xX*]/.test(part) ? undefined : Number(part)))
  const [x, y, z] = given
  if (x === undefined) return operator === '<' || operator === '>' ? undefined : []
  const low: Version = { numbers: [x, y ?? 0, z ?? 0], prerelease: pre === undefined ? [] : pre.split('.') }
  const complete = y !== undefined && z !== undefined
  // The first version after everything the given numbers cover: 1 → 2.0.0-0, 1.2 → 1.3.0-0.
  const after = y === undefined ? lowest(x + 1, 0, 0) : lowest(x, y + 1, 0)
  switch (operator) {
    case '>=':
      return [{ operator, version: low }]
    case '<':
      return [{ operator, version: complete ? low : lowest(x, y ?? 0, 0) }]
    case '>':
      return [complete ? { operator, version: low } : { operator: '>=', version: after }]
    case '<=':
      return [complete ? { operator, version: low } : { operator: '<', version: after }]
    case '^':
      return between(low, caretEnd(x, y, z))
    case '~':
      return between(low, after)
    default:
      return complete ? [{ operator: '=', version: low }] : between(low, after)
  }
}

/** `^` keeps the leftmost number that is not zero. */
function caretEnd(x: number, y: number | undefined, z: number | undefined): Version {
  if (x > 0 || y === undefined) return lowest(x + 1, 0, 0)
  if (y > 0 || z === undefined) return lowest(0, y + 1, 0)
  return lowest(0, 0, z + 1)
}

function between(low: Version, end: Version): readonly Bound[] {
  return [
    { operator: '>=', version: low },
    { operator: '<', version: end },
  ]
}

/** The lowest version with these numbers: its prerelease `0`. */
function lowest(x: number, y: number, z: number): Version {
  return { numbers: [x, y, z], prerelease: ['0'] }
}

/** Precedence of semver.org §11. */
function compare(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const difference = number - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  for (const [index, part] of a.prerelease.entries()) {
    const other = b.prerelease[index]
    if (other === undefined) return 1
    const difference = comparePart(part, other)
    if (difference !== 0) return difference
  }
  return a.prerelease.length - b.prerelease.length
}

function comparePart(a: string, b: string): number {
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (aIsNumber && bIsNumber) return Number(a) - Number(b)
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1
  return a < b ? -1 : a > b ? 1 : 0
}
