/** One outgoing request. */
export interface EgressRequest {
  /** Default `GET`. A `POST` is never redirected. */
  readonly method?: 'GET' | 'POST' | undefined
  /** Lower-case names. Sent to the first origin only; after a redirect to another one just `accept` is. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** For `POST`. */
  readonly body?: Uint8Array | undefined
  /** Tightens the limits of the egress; cannot widen them. */
  readonly timeoutMs?: number | undefined
  readonly maxBytes?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Asked for the host of every hop: why it may not be asked, or undefined. It can only refuse. */
  readonly refuses?: ((host: string) => string | undefined) | undefined
  /** Takes the body piece by piece, unpacked; the next piece waits for it. Without it the whole body is in the answer. */
  readonly sink?: ((chunk: Uint8Array) => void | Promise<void>) | undefined
}

export interface EgressResponse {
  /** Whatever the server said; only redirects are followed. */
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Where the answer came from, after redirects. */
  readonly url: string
  /** Unpacked; empty when a sink took it. */
  readonly body: Uint8Array
  /** Bytes of the body, unpacked. */
  readonly size: number
}

/** Fetches from servers that others name: limited in time and size, and never inward. */
export interface Egress {
  /**
   * @throws {MmfError} `egress_refused` (scheme, host, port or address not allowed), `egress_redirect_refused` (too many, from https to
   *   http, of a POST), `egress_timeout`, `egress_too_large`, `egress_failed` (name, connection, TLS, damaged answer),
   *   `deadline_exceeded` (the request's own signal). What the sink throws is thrown on.
   */
  request(url: string, request?: EgressRequest): Promise<EgressResponse>
}
