import {
  type Certificate,
  certificatesFromPkcs7,
  isPkiError,
  parseCertificate,
  parseCrl,
  parseOcspResponse,
  parsePem,
} from '@mmf/pki'
import type { FetchedContent, FetchedKind } from '../tables/fetched-evidence.ts'

/** What contents say of themselves, read without trusting them. */
type Facts = Pick<FetchedContent, 'thisUpdate' | 'nextUpdate' | 'issuer'>

interface Kind {
  readonly accept: string
  /** Largest body, bytes. The limit of the egress port holds too. */
  readonly maxBytes: number
  /** The DER within a body: what a server sends is not always what RFC 5280 asks of it. @throws {PkiError} */
  unwrap(body: Uint8Array): Uint8Array
  /** @throws {PkiError} where the contents are not of this kind */
  facts(content: Uint8Array): Facts
  /** How long proven contents without a nextUpdate need no question once they hold no longer, milliseconds. */
  readonly holdsMs: number
  /** Fetched again by schedule, before it is needed. */
  readonly refreshed: boolean
}

const minute = 60_000
const day = 1440 * minute

/** Everything that differs between what is fetched. */
export const kinds: Readonly<Record<FetchedKind, Kind>> = {
  crl: {
    accept: 'application/pkix-crl',
    maxBytes: 32_000_000,
    unwrap: body => fromPem(body, 'X509 CRL'),
    facts(content) {
      const { issuer, thisUpdate, nextUpdate } = parseCrl(content)
      return { issuer: shortened(issuer.toString()), ...times(thisUpdate, nextUpdate) }
    },
    holdsMs: minute,
    refreshed: true,
  },
  ocsp: {
    accept: 'application/ocsp-response',
    maxBytes: 1_000_000,
    unwrap: body => body,
    facts(content) {
      const { basic } = parseOcspResponse(content)
      const [single] = basic?.responses ?? []
      return single === undefined ? {} : times(single.thisUpdate, single.nextUpdate)
    },
    holdsMs: 0,
    refreshed: false,
  },
  issuer: {
    accept: 'application/pkix-cert, application/pkcs7-mime',
    maxBytes: 300_000,
    unwrap: body => body,
    facts(content) {
      certificatesIn(content)
      return {}
    },
    holdsMs: 7 * day,
    refreshed: false,
  },
}

/** The certificates that a caIssuers address answers with: one in DER, or a certs-only CMS (RFC 5280 §4.2.2.1), or PEM as some have it. */
export function certificatesIn(content: Uint8Array): readonly Certificate[] {
  if (isPem(content)) {
    const blocks = parsePem(Buffer.from(content).toString('latin1'))
    return blocks.filter(({ label }) => label === 'CERTIFICATE').map(({ der }) => parseCertificate(der))
  }
  try {
    return [parseCertificate(content)]
  } catch (error) {
    if (!isPkiError(error)) throw error
    return certificatesFromPkcs7(content).map(parseCertificate)
  }
}

const isPem = (body: Uint8Array): boolean => Buffer.from(body.subarray(0, 11)).toString('latin1') === '-----BEGIN '

function fromPem(body: Uint8Array, wanted: string): Uint8Array {
  if (!isPem(body)) return body
  const block = parsePem(Buffer.from(body).toString('latin1')).find(({ label }) => label === wanted)
  return block?.der ?? body
}

const shortened = (text: string): string => (text.length > 500 ? `${text.slice(0, 499)}…` : text)

function times(thisUpdate: number, nextUpdate: number | undefined): Facts {
  return {
    thisUpdate: new Date(thisUpdate).toISOString(),
    ...(nextUpdate === undefined ? {} : { nextUpdate: new Date(nextUpdate).toISOString() }),
  }
}
