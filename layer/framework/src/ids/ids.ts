/** The only source of fresh identifiers. */
export interface Ids {
  /** A UUID of version 7 (RFC 9562 §5.7): sorts by its time of creation. */
  next(): string
}
