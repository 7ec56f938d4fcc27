import * as z from 'zod'

/** A `Uint8Array` in domain values and table rows. */
export const bytes = (): z.ZodType<Uint8Array, Uint8Array> =>
  z.custom<Uint8Array>(value => value instanceof Uint8Array, { error: 'expected bytes' })

/**
 * Bytes on the wire as base64 (RFC 4648 §4), strict and canonical: padded, no white space, no URL alphabet, unused bits zero.
 * Two different texts never mean the same bytes.
 */
export function base64(
  options: { readonly minBytes?: number; readonly maxBytes?: number; readonly description?: string } = {},
) {
  const { minBytes = 0, maxBytes, description = 'canonical base64' } = options
  const text = z.string().meta({ contentEncoding: 'base64', description })
  return z.codec(text, bytes(), {
    decode(value, payload) {
      const decoded = Buffer.from(value, 'base64')
      const fail = (message: string) => {
        payload.issues.push({ code: 'custom', input: value, message })
        return z.NEVER
      }
      if (decoded.toString('base64') !== value)
        return fail('not canonical base64 (RFC 4648 §4, padded, no white space)')
      if (decoded.length < minBytes) return fail(`too short: ${decoded.length} bytes; at least ${minBytes}`)
      if (maxBytes !== undefined && decoded.length > maxBytes)
        return fail(`too long: ${decoded.length} bytes; at most ${maxBytes}`)
      return new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length)
    },
    encode: value => Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'),
  })
}

/** A whole number in a query string or path. */
export function integerText(range: { readonly min: number; readonly max: number }) {
  const text = z
    .string()
    .regex(/^(0|[1-9]\d{0,15})$/, 'expected a whole number')
    .meta({ description: `${range.min} to ${range.max}` })
  return z.codec(text, z.int().gte(range.min).lte(range.max), { decode: Number, encode: String })
}
