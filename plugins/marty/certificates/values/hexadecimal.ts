import * as z from 'zod'

/**
 * Octets in hexadecimal as a request writes them: upper or lower case, colons between the octets or none, as OpenSSL, browsers and other tools
 * print fingerprints and serial numbers. What comes out is lower case without colons, the form of rows and answers.
 *
 * @param octets how many, as a quantifier of a regular expression: `{32}`, `{1,64}`
 */
export function hexadecimal(octets: `{${string}}`, description: string) {
  const { min, max } = bounds(octets)
  const plain = `([0-9A-Fa-f]{2})${octets}`
  const withColons = `[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){${min - 1},${max - 1}}`
  return z
    .string()
    .regex(new RegExp(`^(${plain}|${withColons})$`), 'expected hexadecimal, with or without colons between the octets')
    .overwrite(text => text.replaceAll(':', '').toLowerCase())
    .meta({ description: `${description}, hexadecimal; colons and upper case are read too` })
}

/** SHA-256 of a certificate, CRL or list. */
export const fingerprint = hexadecimal('{32}', 'SHA-256 of the DER')

function bounds(octets: string): { readonly min: number; readonly max: number } {
  const [min = 1, max = min] = octets.slice(1, -1).split(',').map(Number)
  return { min, max }
}
