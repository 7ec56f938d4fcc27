import { type CatalogueEntry, catalogue, type ErrorCode } from './catalogue.ts'

// Errors are recognised by this brand and their code, not by instanceof: layer and handler may hold two copies of the class.
const brand = Symbol.for('mmf.error')

/** One finding about one field of an input, a file or a manifest. `path` is dotted; the value itself is never in it. */
export interface FieldError {
  readonly path: string
  readonly message: string
  readonly code?: string
}

export interface MmfErrorOptions {
  /** What went wrong, the value received (redacted), what is allowed. Reaches the client only when the code is exposed. */
  readonly detail?: string | undefined
  /** Further members of the problem document, e.g. `allowed`. Never secrets. */
  readonly members?: Readonly<Record<string, unknown>> | undefined
  readonly errors?: readonly FieldError[] | undefined
  /** Response headers the edge adds, e.g. `allow`, `retry-after`. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly cause?: unknown
}

/** The one error class. `code` is stable and documented in the catalogue; texts may change. */
export class MmfError extends Error {
  readonly code: ErrorCode
  readonly detail: string | undefined
  readonly members: Readonly<Record<string, unknown>>
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>
  readonly [brand] = true

  constructor(code: ErrorCode, options: MmfErrorOptions = {}) {
    const { title } = catalogue[code]
    super(options.detail === undefined ? title : `${title}: ${options.detail}`, { cause: options.cause })
    this.name = 'MmfError'
    this.code = code
    this.detail = options.detail
    this.members = options.members ?? {}
    this.errors = options.errors ?? []
    this.headers = options.headers ?? {}
  }

  get entry(): CatalogueEntry {
    return catalogue[this.code]
  }
}

/** Whether `value` is an error of this platform, and of `code` when one is given. */
export function isMmfError(value: unknown, code?: ErrorCode): value is MmfError {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value as Record<symbol, unknown>)[brand] === true &&
    (code === undefined || (value as { code?: unknown }).code === code)
  )
}
