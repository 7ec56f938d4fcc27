import { oids } from '../../der/oid-names.ts'
import { parseDer } from '../../der/reader.ts'
import { tags } from '../../der/tags.ts'
import { isUnexpectedTimeType } from '../../der/time.ts'
import { isPkiError } from '../../errors.ts'
import type { CertificateList } from '../../revocation/crl.ts'
import type { RevocationFindingCode } from '../../revocation/findings.ts'
import { bytesKey } from '../../x509/bytes.ts'

/** One requirement on a CRL by itself. */
export interface CrlRule {
  readonly code: RevocationFindingCode
  readonly clause: string
  /** Undefined where the requirement is met, else what is wrong. */
  readonly check: (list: CertificateList) => string | undefined
}

/** The fields of a CRL as RFC 5280 §5.1 wants conforming CAs to write them. */
export const crlFieldRules: readonly CrlRule[] = [
  {
    code: 'crl_no_next_update',
    clause: 'RFC 5280 §5.1.2.5',
    check: ({ nextUpdate }) => (nextUpdate === undefined ? 'no nextUpdate' : undefined),
  },
  {
    code: 'crl_malformed',
    clause: 'RFC 5280 §5.1.2.4',
    check: list => {
      const [thisTag, nextTag] = updateTags(list)
      const { thisUpdate, nextUpdate } = list
      const wrong =
        isUnexpectedTimeType(thisTag, thisUpdate) ||
        (nextUpdate !== undefined && nextTag !== undefined && isUnexpectedTimeType(nextTag, nextUpdate))
      return wrong ? 'UTCTime is for the years through 2049, GeneralizedTime for those after' : undefined
    },
  },
]

/** The extensions of a CRL as RFC 5280 §5.2 and, on partitions, the Baseline Requirements §7.2.2.1 want them. */
export const crlExtensionRules: readonly CrlRule[] = [
  {
    code: 'crl_malformed',
    clause: 'RFC 5280 §5.2.3',
    check: ({ extensions }) => {
      const number = extensions.find(({ oid }) => oid === oids.cRLNumber)
      if (number === undefined) return 'no cRLNumber'
      return number.critical ? 'cRLNumber is critical' : undefined
    },
  },
  {
    code: 'crl_malformed',
    clause: 'RFC 5280 §5.2.5',
    check: ({ extensions }) =>
      extensions.find(({ oid }) => oid === oids.issuingDistributionPoint)?.critical === false
        ? 'issuingDistributionPoint is not critical'
        : undefined,
  },
  {
    code: 'crl_indirect_refused',
    clause: 'Baseline Requirements §7.2.2.1',
    check: ({ issuingDistributionPoint }) =>
      issuingDistributionPoint?.indirectCrl === true ? 'an indirect CRL' : undefined,
  },
  {
    code: 'crl_malformed',
    clause: 'Baseline Requirements §7.2.2.1',
    check: ({ issuingDistributionPoint }) => {
      const name = issuingDistributionPoint?.name
      if (name === undefined) return undefined
      const located = name.kind === 'fullName' && name.names.every(({ kind }) => kind === 'uniformResourceIdentifier')
      return located ? undefined : 'the distribution point is named by something else than URIs'
    },
  },
  {
    code: 'crl_malformed',
    clause: 'Baseline Requirements §7.2.2',
    // One certificate with two revocation dates or reasons: the list contradicts itself.
    check: list => (hasRepeatedSerial(list) ? 'a serial number is listed twice' : undefined),
  },
]

// Beyond this many entries a CRL is not looked through for repetitions: it would cost more than it is worth.
const maxEntriesCompared = 100_000

function hasRepeatedSerial(list: CertificateList): boolean {
  try {
    const { entries } = list
    if (entries === undefined || entries.count > maxEntriesCompared) return false
    const seen = new Set<string>()
    for (const { serialNumber } of entries) {
      const key = bytesKey(serialNumber)
      if (seen.has(key)) return true
      seen.add(key)
    }
    return false
  } catch (cause) {
    // Entries that cannot be read, the check of revocation itself refuses.
    if (!isPkiError(cause)) throw cause
    return false
  }
}

/** The tags of thisUpdate and nextUpdate: version, signature and issuer come before them (§5.1). */
function updateTags(list: CertificateList): readonly [number, number | undefined] {
  const reader = parseDer(list.tbs).children()
  reader.optional(tags.INTEGER)
  reader.next(tags.SEQUENCE)
  reader.next(tags.SEQUENCE)
  const thisUpdate = reader.any().tag
  const next = reader.peek()
  return [thisUpdate, next === tags.UTC_TIME || next === tags.GENERALIZED_TIME ? next : undefined]
}
