import { oidName } from '../../der/oid.ts'
import { oids } from '../../der/oid-names.ts'
import { isPkiError } from '../../errors.ts'
import type { GeneralName } from '../general-name.ts'
import type { PolicyInformation } from './certificate-policies.ts'
import type { DistributionPoint } from './crl-distribution-points.ts'
import type { ExtensionValue, KnownExtensionOid } from './decoders.ts'
import type { AccessDescription } from './information-access.ts'
import { qualifierDecoders } from './policy-qualifiers.ts'

/** What of the value is not processed here; undefined where all of it is. */
type ContentCheck<T> = (value: T) => string | undefined

/** RFC 5280 §4.2.1.3 and §4.2.1.13: both have bits 0 to 8. */
const namedBits = 0x1ff

/** Types of otherName that name constraints are applied to (path/other-names.ts). */
const otherNames: readonly string[] = [oids.smtpUTF8Mailbox, oids.dnsSRV, oids.naiRealm, oids.xmppAddr]

const unprocessed = 'nothing here processes it'

const accessMethods: readonly string[] = [oids.ocsp, oids.caIssuers, oids.caRepository, oids.timeStampingAccess]

/**
 * RFC 5280 §4.2: a critical extension must be refused also when it is known and "contains information that cannot be processed". What its
 * decoder does not refuse by itself stands here. A known extension without an entry is understood as soon as it is decoded.
 */
const checks: { readonly [O in KnownExtensionOid]?: ContentCheck<ExtensionValue<O>> } = {
  [oids.keyUsage]: usage => unknownBits(usage),
  [oids.certificatePolicies]: policies => qualifierFault(policies),
  [oids.subjectAltName]: names => nameFault(names),
  [oids.issuerAltName]: names => nameFault(names),
  [oids.cRLDistributionPoints]: points => pointFault(points),
  [oids.freshestCRL]: points => pointFault(points),
  [oids.authorityInfoAccess]: descriptions => accessFault(descriptions),
  [oids.subjectInfoAccess]: descriptions => accessFault(descriptions),
  // Standards have these never critical, for they are no conditions that a path can be checked for.
  [oids.subjectDirectoryAttributes]: () => unprocessed,
  [oids.privateKeyUsagePeriod]: () => unprocessed,
  [oids.tlsFeature]: () => unprocessed,
  [oids.signedCertificateTimestampList]: () => unprocessed,
  [oids.documentTypeList]: () => unprocessed,
}

const untyped: Readonly<Record<string, ContentCheck<never> | undefined>> = checks

/** What a critical extension, known and decoded to `value`, holds that is not processed. */
export function unprocessedContent(oid: string, value: unknown): string | undefined {
  return untyped[oid]?.(value as never)
}

function unknownBits(mask: number): string | undefined {
  return (mask & ~namedBits) === 0 ? undefined : 'a bit that is not defined'
}

/** §4.2.1.4: critical, the extension must be interpreted "including the optional qualifier", or the certificate refused. */
function qualifierFault(policies: readonly PolicyInformation[]): string | undefined {
  for (const { qualifiers } of policies) {
    for (const { id, qualifier } of qualifiers) {
      const decode = qualifierDecoders[id]
      if (decode === undefined) return `policy qualifier ${oidName(id)}`
      try {
        decode(qualifier)
      } catch (cause) {
        if (!isPkiError(cause)) throw cause
        return `policy qualifier ${oidName(id)}: ${cause.message}`
      }
    }
  }
  return undefined
}

/** X.509 §9.3.2.1: of a critical list of names at least one form must be recognised and processed. */
function nameFault(names: readonly GeneralName[]): string | undefined {
  // Without any name only where extensions are read leniently: then nothing is said that could be missed.
  return names.length === 0 || names.some(isProcessed) ? undefined : 'no name of a form that is processed'
}

function isProcessed(name: GeneralName): boolean {
  switch (name.kind) {
    case 'rfc822Name':
    case 'dNSName':
    case 'directoryName':
    case 'uniformResourceIdentifier':
    case 'iPAddress':
      return true
    case 'otherName':
      return otherNames.includes(name.typeId)
    default:
      return false
  }
}

function pointFault(points: readonly DistributionPoint[]): string | undefined {
  const bits = points.map(({ reasons = 0 }) => unknownBits(reasons)).find(fault => fault !== undefined)
  return bits === undefined ? undefined : `reasons: ${bits}`
}

function accessFault(descriptions: readonly AccessDescription[]): string | undefined {
  const unknown = descriptions.find(({ method }) => !accessMethods.includes(method))
  return unknown === undefined ? undefined : `access method ${oidName(unknown.method)}`
}
