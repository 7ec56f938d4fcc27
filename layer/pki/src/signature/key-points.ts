import { PkiError } from '../errors.ts'
import type { CurveEquation, NamedCurve } from './named-curves.ts'

/**
 * Refuses a point that is none of the curve's (RFC 5480 §2.2, SEC 1 §3.2.2.1): a wrong form or length, the point at infinity, a coordinate
 * that is no field element, a point off the curve. The cofactor of every curve of the table is 1, so that a point on the curve is in the
 * right group.
 *
 * @throws key_malformed
 */
export function assertEcPoint(point: Uint8Array, { bits, equation }: NamedCurve): void {
  // RFC 5480 §2.2: uncompressed (04) must be supported, compressed (02, 03) may; the hybrid form is not allowed.
  const fieldBytes = Math.ceil(bits / 8)
  const form = point[0]
  const uncompressed = form === 4 && point.length === 1 + 2 * fieldBytes
  const compressed = (form === 2 || form === 3) && point.length === 1 + fieldBytes
  if (!uncompressed && !compressed) throw malformed('EC point of a wrong form or size')
  const { p, a, b } = numbersOf(equation)
  if (compressed) {
    const x = bigEndian(point, 1, point.length)
    if (x >= p) throw malformed('EC point with a coordinate outside the field')
    if (!isSquare(((x * x + a) * x + b) % p, p)) throw malformed('EC point that is not on its curve')
    return
  }
  // Both coordinates by one conversion, the equation by one division: every EC key of a path pays for this.
  const both = bigEndian(point, 1, point.length)
  const x = both >> BigInt(8 * fieldBytes)
  const y = BigInt.asUintN(8 * fieldBytes, both)
  if (x >= p || y >= p) throw malformed('EC point with a coordinate outside the field')
  if ((y * y - (x * x + a) * x - b) % p !== 0n) throw malformed('EC point that is not on its curve')
}

interface EdwardsCurve {
  readonly p: bigint
  /** x² = (y² - 1) / (d·y² - a). */
  readonly d: bigint
  readonly a: bigint
}

const ed25519Prime = (1n << 255n) - 19n

/** RFC 8032 §5.1, §5.2. */
const edwards: Readonly<Record<string, EdwardsCurve>> = {
  ed25519: {
    p: ed25519Prime,
    d: 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n,
    a: ed25519Prime - 1n,
  },
  ed448: { p: (1n << 448n) - (1n << 224n) - 1n, d: (1n << 448n) - (1n << 224n) - 1n - 39_081n, a: 1n },
}

/**
 * Refuses octets of the right length that decode to no point (RFC 8032 §5.1.3, §5.2.3): y outside the field, no x for it, or the sign of an
 * x that is zero. Nothing verifies under such a key.
 *
 * @throws key_malformed
 */
export function assertEdwardsPoint(key: Uint8Array, keyType: string): void {
  const curve = edwards[keyType]
  if (curve === undefined) return
  const { p, d, a } = curve
  const octets = Uint8Array.from(key).reverse()
  const sign = ((octets[0] as number) & 0x80) !== 0
  octets[0] = (octets[0] as number) & 0x7f
  const y = bigEndian(octets, 0, octets.length)
  if (y >= p) throw malformed(`${keyType} key with a coordinate outside the field`)
  const ySquare = (y * y) % p
  const numerator = (ySquare + p - 1n) % p
  const denominator = (d * ySquare + p - a) % p
  // u/v is a square exactly where u·v is, and v is never zero, as d is none.
  if (!isSquare((numerator * denominator) % p, p)) throw malformed(`${keyType} key that is no point of its curve`)
  if (numerator === 0n && sign) throw malformed(`${keyType} key that is no point of its curve`)
}

const mlKemPrime = 3329

/**
 * The modulus check of an ML-KEM encapsulation key (FIPS 203 §7.2): every coefficient, of 12 bits, is below q. The last 32 octets are a seed.
 *
 * @throws key_malformed
 */
export function assertMlKemKey(key: Uint8Array): void {
  const end = key.length - 32
  for (let index = 0; index + 2 < end; index += 3) {
    const [first, second, third] = [key[index] as number, key[index + 1] as number, key[index + 2] as number]
    if ((first | ((second & 0x0f) << 8)) >= mlKemPrime || ((second >> 4) | (third << 4)) >= mlKemPrime) {
      throw malformed('ML-KEM key with a coefficient outside the field')
    }
  }
}

interface EquationNumbers {
  readonly p: bigint
  readonly a: bigint
  readonly b: bigint
}

// A pure function's results, kept for the few curves there are.
const equations = new WeakMap<CurveEquation, EquationNumbers>()

function numbersOf(equation: CurveEquation): EquationNumbers {
  let numbers = equations.get(equation)
  if (numbers === undefined) {
    const { p, a, b } = equation
    numbers = { p: BigInt(`0x${p}`), a: BigInt(`0x${a}`), b: BigInt(`0x${b}`) }
    equations.set(equation, numbers)
  }
  return numbers
}

function bigEndian(octets: Uint8Array, start: number, end: number): bigint {
  return BigInt(`0x${Buffer.from(octets.buffer, octets.byteOffset + start, end - start).toString('hex')}`)
}

/** Whether `value` has a square root modulo the odd prime `p`, zero included: the Legendre symbol by quadratic reciprocity. */
function isSquare(value: bigint, p: bigint): boolean {
  let a = value % p
  if (a === 0n) return true
  let n = p
  let symbol = 1
  while (a !== 0n) {
    while ((a & 1n) === 0n) {
      a >>= 1n
      const residue = n & 7n
      if (residue === 3n || residue === 5n) symbol = -symbol
    }
    if ((a & 3n) === 3n && (n & 3n) === 3n) symbol = -symbol
    const rest = n % a
    n = a
    a = rest
  }
  return symbol === 1
}

function malformed(reason: string): PkiError {
  return new PkiError('key_malformed', reason)
}
