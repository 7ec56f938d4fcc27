/** What a plugin's configuration asks of the connection. */
export interface TransportPolicy {
  /** A request without a client certificate in its event is refused. */
  readonly requireClientCertificate: boolean
  /** A client certificate that is there must be well-formed and within its validity. */
  readonly validateClientCertificate: boolean
}

export const openTransport: TransportPolicy = { requireClientCertificate: false, validateClientCertificate: true }
