import { readOid } from '../der/oid.ts'
import { type DerElement, parseDer } from '../der/reader.ts'
import { tags } from '../der/tags.ts'
import { sequence } from '../der/writer.ts'

const idDsa = '1.2.840.10040.4.1'

/**
 * A DSA key without parameters takes its issuer's (RFC 3279 §2.3.2, RFC 5280 §6.1.4 (e)). Returns the completed
 * SubjectPublicKeyInfo, or `spki` itself where nothing is to be inherited: other algorithms, parameters present, or an
 * issuer key that is no DSA key or has none to give.
 *
 * @param issuerSpki the issuer's key, itself completed already
 * @throws der_malformed
 */
export function completeDsaParameters(spki: Uint8Array, issuerSpki: Uint8Array): Uint8Array {
  const own = readDsa(spki)
  if (own === undefined || own.parameters !== undefined) return spki
  const inherited = readDsa(issuerSpki)?.parameters
  if (inherited === undefined) return spki
  return sequence(sequence(own.oid.raw, inherited.raw), own.key.raw)
}

interface DsaKey {
  readonly oid: DerElement
  readonly parameters?: DerElement
  readonly key: DerElement
}

function readDsa(spki: Uint8Array): DsaKey | undefined {
  const outer = parseDer(spki)
  if (outer.tag !== tags.SEQUENCE) return undefined
  const info = outer.children()
  const algorithm = info.next(tags.SEQUENCE).children()
  const oid = algorithm.next(tags.OID)
  if (readOid(oid) !== idDsa) return undefined
  const key = info.next(tags.BIT_STRING)
  const parameters = algorithm.done ? undefined : algorithm.any()
  return parameters?.tag === tags.SEQUENCE ? { oid, parameters, key } : { oid, key }
}
