import { defined } from '@mmf/framework'
import {
  type Certificate,
  type CertificateList,
  createKeyCache,
  keyUsageBit,
  parseCrl,
  verifySignature,
} from '@mmf/pki'
import type { PkdCrlRow } from '../tables/pkd-crls.ts'
import { boundedHex, boundedName, boundedNumber, rowLimits } from './bounded.ts'
import type { EntryContext } from './build-row.ts'
import { countryOf } from './certificate-entry.ts'
import { type CscaSource, hasKey } from './conformance.ts'
import { EntryRefused, refusing } from './entry-refused.ts'
import { shardOf } from './rank.ts'

const keyCache = createKeyCache()

/** Explicit curve parameters are how Doc 9303-12 §4.1.6.3 wants EC keys. */
const policy = { explicitCurves: true } as const

/**
 * The row of a CRL. It is not judged whether it is current, but whether it is what it says.
 * @throws {EntryRefused} `crl_malformed`; `signature_invalid` where the CSCA that it names is trusted and has not signed it
 */
export async function crlRow(
  content: Uint8Array,
  cscas: CscaSource,
  entry: Required<Pick<EntryContext, 'importId'>> & EntryContext,
): Promise<PkdCrlRow> {
  const crl = refusing('crl_malformed', () => parseCrl(content))
  const { anchors } = await cscas.above(crl.issuer)
  return refusing('crl_malformed', () => {
    const { now, ...said } = entry
    const { issuer, fingerprint, crlNumber, baseCrlNumber } = crl
    const thisUpdate = new Date(crl.thisUpdate).toISOString()
    const country = countryOf({ subject: issuer, issuer })
    const keyIdentifier = crl.authorityKeyIdentifier?.keyIdentifier
    return {
      ...said,
      fingerprint,
      issuer: boundedName(issuer),
      issuerKey: issuer.key,
      ...(keyIdentifier === undefined
        ? {}
        : { authorityKeyIdentifier: boundedHex(keyIdentifier, rowLimits.keyIdentifierBytes) }),
      ...defined({
        country,
        number: crlNumber === undefined ? undefined : boundedNumber(crlNumber),
        baseNumber: baseCrlNumber === undefined ? undefined : boundedNumber(baseCrlNumber),
      }),
      thisUpdate,
      ...(crl.nextUpdate === undefined ? {} : { nextUpdate: new Date(crl.nextUpdate).toISOString() }),
      revoked: crl.entries?.count ?? 0,
      size: content.length,
      signature: signatureOf(crl, anchors, keyIdentifier),
      age: thisUpdate + fingerprint,
      shard: shardOf(entry.collection, fingerprint),
      createdAt: now,
      updatedAt: now,
      revision: 1,
    }
  })
}

function signatureOf(
  crl: CertificateList,
  cscas: readonly Certificate[],
  keyIdentifier: Uint8Array | undefined,
): PkdCrlRow['signature'] {
  // RFC 5280 §6.3.3 (f): a key usage without cRLSign rules the key out.
  const may = cscas.filter(
    csca => hasKey(csca, keyIdentifier) && ((csca.keyUsage ?? keyUsageBit.cRLSign) & keyUsageBit.cRLSign) !== 0,
  )
  if (may.length === 0) return 'unverified'
  const { signatureAlgorithm: algorithm, tbs: data, signature, signatureAlgorithmsMatch } = crl
  const signed = may.some(({ subjectPublicKeyInfo: { raw: spki } }) => {
    return verifySignature({ algorithm, spki, data, signature, policy, keyCache }).status === 'valid'
  })
  if (signed && signatureAlgorithmsMatch) return 'verified'
  throw new EntryRefused('signature_invalid')
}
