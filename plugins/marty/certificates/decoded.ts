import { isPkiError } from '@mmf/pki'

/** What `read` gives; undefined where names, extensions or the whole cannot be decoded: then there is nothing to be had. */
export function decoded<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!isPkiError(error)) throw error
    return undefined
  }
}
