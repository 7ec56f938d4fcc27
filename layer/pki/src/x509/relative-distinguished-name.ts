/** One AttributeTypeAndValue. `text` is absent where the value is no character string. */
export interface NameAttribute {
  readonly type: string
  readonly tag: number
  readonly text: string | undefined
  /** The value with tag and length. */
  readonly raw: Uint8Array
}

export type RelativeDistinguishedName = readonly NameAttribute[]
