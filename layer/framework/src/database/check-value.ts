import { MmfError } from '../errors/mmf-error.ts'
import { limits } from './limits.ts'
import type { Value } from './table.ts'

/**
 * A value as every adapter can store it: undefined members dropped, -0 as 0. Plain objects, arrays, strings, booleans, null, bytes, and numbers
 * that are finite and, where whole, safe integers.
 * @throws {MmfError} `database_row_invalid` naming the path, never the value; `database_limit_exceeded` when nested more than 32 deep.
 */
export function checkValue(value: unknown, path: string, depth = 0): Value {
  if (value === null || typeof value === 'boolean' || value instanceof Uint8Array) return value
  if (typeof value === 'string') {
    // UTF-8 cannot hold a lone surrogate; it would come back as another string.
    if (!value.isWellFormed()) throw rowInvalid(path, 'the text is not well-formed Unicode')
    return value
  }
  if (typeof value === 'number') return checkNumber(value, path)
  if (typeof value !== 'object') throw rowInvalid(path, `a ${typeof value} cannot be stored`)
  if (depth >= limits.nesting) {
    throw new MmfError('database_limit_exceeded', { detail: `${path} is nested more than ${limits.nesting} deep` })
  }
  if (Array.isArray(value)) return value.map((element, i) => checkValue(element, `${path}.${i}`, depth + 1))
  return checkMap(value, path, depth)
}

/** The defined fields of a plain object, each checked. */
export function checkMap(value: object, path: string, depth = 0): { [name: string]: Value } {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw rowInvalid(path, 'only plain objects can be stored')
  const map: { [name: string]: Value } = {}
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue
    const at = path === '' ? name : `${path}.${name}`
    if (name === '' || name === '__proto__' || Buffer.byteLength(name) > limits.fieldNameBytes) {
      throw rowInvalid(at, 'this field name cannot be stored')
    }
    map[name] = checkValue(member, at, depth + 1)
  }
  return map
}

export function rowInvalid(path: string, message: string): MmfError {
  return new MmfError('database_row_invalid', { detail: `${path}: ${message}`, errors: [{ path, message }] })
}

function checkNumber(value: number, path: string): number {
  if (!Number.isFinite(value)) throw rowInvalid(path, 'the number is not finite')
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw rowInvalid(path, 'the integer is not safe')
  const magnitude = Math.abs(value)
  if (magnitude !== 0 && (magnitude < limits.minNumber || magnitude > limits.maxNumber)) {
    throw rowInvalid(path, 'the number is out of range')
  }
  return value === 0 ? 0 : value
}
