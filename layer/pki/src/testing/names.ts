import * as der from '../der/writer.ts'

const attributes = {
  C: { oid: '2.5.4.6', write: der.printableString },
  O: { oid: '2.5.4.10', write: der.utf8String },
  OU: { oid: '2.5.4.11', write: der.utf8String },
  CN: { oid: '2.5.4.3', write: der.utf8String },
  L: { oid: '2.5.4.7', write: der.utf8String },
  ST: { oid: '2.5.4.8', write: der.utf8String },
  serialNumber: { oid: '2.5.4.5', write: der.printableString },
  DC: { oid: '0.9.2342.19200300.100.1.25', write: der.ia5String },
  emailAddress: { oid: '1.2.840.113549.1.9.1', write: der.ia5String },
} as const

/**
 * A distinguished name for a test: `C=UT, O=Test, CN=Leaf` in encoding order (`+` joins attributes of one RDN; no escapes), or a
 * finished DER Name. The empty text is the empty name.
 */
export type NameInput = string | Uint8Array

/** DER Name. */
export function name(input: NameInput): Uint8Array {
  if (typeof input !== 'string') return input
  const parts = input.split(',').map(part => part.trim())
  return der.sequence(...parts.filter(part => part !== '').map(rdn))
}

/** DER RelativeDistinguishedName, such as `CN=Part 1`. */
export function rdn(text: string): Uint8Array {
  return der.set(...text.split('+').map(part => attribute(part.trim())))
}

function attribute(text: string): Uint8Array {
  const [type = '', ...value] = text.split('=')
  const known = (attributes as Readonly<Record<string, (typeof attributes)[keyof typeof attributes]>>)[type.trim()]
  if (known === undefined) throw new TypeError(`unknown attribute type: ${type}`)
  return der.sequence(der.oid(known.oid), known.write(value.join('=').trim()))
}

/** A GeneralName for a test. `ip` and `raw` are content octets (an address, or address and mask) and a finished TLV. */
export type GeneralNameInput =
  | { readonly dns: string }
  | { readonly email: string }
  | { readonly uri: string }
  | { readonly ip: Uint8Array | readonly number[] }
  | { readonly directory: NameInput }
  | { readonly registeredId: string }
  | { readonly other: { readonly oid: string; readonly value: Uint8Array } }
  | { readonly raw: Uint8Array }

const latin1 = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))

/** DER GeneralName (RFC 5280 §4.2.1.6). */
export function generalName(input: GeneralNameInput): Uint8Array {
  if ('raw' in input) return input.raw
  if ('other' in input) {
    return der.implicit(0, der.sequence(der.oid(input.other.oid), der.explicit(0, input.other.value)))
  }
  if ('email' in input) return der.contextPrimitive(1, latin1(input.email))
  if ('dns' in input) return der.contextPrimitive(2, latin1(input.dns))
  if ('directory' in input) return der.explicit(4, name(input.directory))
  if ('uri' in input) return der.contextPrimitive(6, latin1(input.uri))
  if ('ip' in input) return der.contextPrimitive(7, Uint8Array.from(input.ip))
  return der.implicit(8, der.oid(input.registeredId))
}

/** DER GeneralNames. */
export function generalNames(inputs: readonly GeneralNameInput[]): Uint8Array {
  return der.sequence(...inputs.map(generalName))
}
