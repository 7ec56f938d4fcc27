import { defined } from '@mmf/framework'
import {
  type Certificate,
  type DistributionPoint,
  type Extension,
  type ExtensionValue,
  extensionDecoders,
  isPkiError,
  type KnownExtensionOid,
  keyUsageNames,
  type NameConstraints,
  oidName,
  oids,
} from '@mmf/pki'
import { generalName, hex, namedOid, type Plain, reasonNames, timestamp } from './cert-values.ts'

/** One extension in a report. */
export interface ExtensionReport {
  readonly name: string
  readonly oid: string
  readonly critical: boolean
  /** What it is for, in a few words, with the clause. */
  readonly meaning: string
  readonly value: Plain
}

interface Explained<O extends KnownExtensionOid> {
  readonly meaning: string
  readonly show: (value: ExtensionValue<O>) => Plain
}

const nothing = () => null

const points = (list: readonly DistributionPoint[]): Plain =>
  list.map(({ name, reasons, crlIssuer }) => ({
    ...(name?.kind === 'fullName' ? { at: name.names.map(generalName) } : {}),
    ...(name?.kind === 'relativeName'
      ? { at: name.rdn.map(({ type, text }) => `${namedOid(type)}=${text ?? ''}`) }
      : {}),
    ...defined({
      reasons: reasons === undefined ? undefined : reasonNames(reasons),
      crlIssuer: crlIssuer?.map(generalName),
    }),
  }))

const subtrees = (list: NameConstraints['permitted']): Plain => (list ?? []).map(({ base }) => generalName(base))

const accesses = (list: ExtensionValue<typeof oids.authorityInfoAccess>): Plain =>
  list.map(({ method, location }) => `${namedOid(method)}: ${generalName(location)}`)

/** Every extension that is decoded, with what it means. */
const explained: { readonly [O in KnownExtensionOid]: Explained<O> } = {
  [oids.basicConstraints]: {
    meaning: 'whether it may issue certificates, and how many CAs may follow (RFC 5280 §4.2.1.9)',
    show: ({ ca, pathLength }) => ({ ca, ...defined({ pathLength }) }),
  },
  [oids.keyUsage]: {
    meaning: 'what the key may be used for (RFC 5280 §4.2.1.3)',
    show: mask => keyUsageNames(mask),
  },
  [oids.extKeyUsage]: {
    meaning: 'the purposes it is limited to (RFC 5280 §4.2.1.12)',
    show: purposes => purposes.map(namedOid),
  },
  [oids.subjectKeyIdentifier]: { meaning: 'names its key (RFC 5280 §4.2.1.2)', show: hex },
  [oids.authorityKeyIdentifier]: {
    meaning: 'names the key of its issuer (RFC 5280 §4.2.1.1)',
    show: ({ keyIdentifier, authorityCertIssuer, authorityCertSerialNumber }) => ({
      ...defined({
        keyIdentifier: keyIdentifier === undefined ? undefined : hex(keyIdentifier),
        issuer: authorityCertIssuer?.map(generalName),
        serialNumber: authorityCertSerialNumber === undefined ? undefined : hex(authorityCertSerialNumber),
      }),
    }),
  },
  [oids.subjectAltName]: {
    meaning: 'further names of the subject (RFC 5280 §4.2.1.6)',
    show: names => names.map(generalName),
  },
  [oids.issuerAltName]: {
    meaning: 'further names of the issuer (RFC 5280 §4.2.1.7)',
    show: names => names.map(generalName),
  },
  [oids.nameConstraints]: {
    meaning: 'the names that certificates below may have (RFC 5280 §4.2.1.10)',
    show: ({ permitted, excluded }) => ({
      ...defined({
        permitted: permitted === undefined ? undefined : subtrees(permitted),
        excluded: excluded === undefined ? undefined : subtrees(excluded),
      }),
    }),
  },
  [oids.certificatePolicies]: {
    meaning: 'the policies it was issued under (RFC 5280 §4.2.1.4)',
    show: policies => policies.map(({ policy }) => namedOid(policy)),
  },
  [oids.policyMappings]: {
    meaning: 'policies of the issuer and what the subject calls them (RFC 5280 §4.2.1.5)',
    show: mappings =>
      mappings.map(({ issuerDomainPolicy, subjectDomainPolicy }) => `${issuerDomainPolicy} → ${subjectDomainPolicy}`),
  },
  [oids.policyConstraints]: {
    meaning: 'after how many certificates policies are required or mappings end (RFC 5280 §4.2.1.11)',
    show: ({ requireExplicitPolicy, inhibitPolicyMapping }) => ({
      ...defined({ requireExplicitPolicy, inhibitPolicyMapping }),
    }),
  },
  [oids.inhibitAnyPolicy]: {
    meaning: 'after how many certificates anyPolicy counts no longer (RFC 5280 §4.2.1.14)',
    show: count => count,
  },
  [oids.cRLDistributionPoints]: { meaning: 'where its revocation is published (RFC 5280 §4.2.1.13)', show: points },
  [oids.freshestCRL]: { meaning: 'where changes to that list are published (RFC 5280 §4.2.1.15)', show: points },
  [oids.authorityInfoAccess]: {
    meaning: 'where to ask about its status, and for its issuer (RFC 5280 §4.2.2.1)',
    show: accesses,
  },
  [oids.subjectInfoAccess]: {
    meaning: 'where to find what the subject publishes (RFC 5280 §4.2.2.2)',
    show: accesses,
  },
  [oids.privateKeyUsagePeriod]: {
    meaning: 'when its private key signs; the certificate outlives it (RFC 3280 §4.2.1.4, Doc 9303-12)',
    show: ({ notBefore, notAfter }) => ({
      ...defined({
        notBefore: notBefore === undefined ? undefined : timestamp(notBefore),
        notAfter: notAfter === undefined ? undefined : timestamp(notAfter),
      }),
    }),
  },
  [oids.subjectDirectoryAttributes]: {
    meaning: 'attributes of the subject (RFC 5280 §4.2.1.8)',
    show: attributes => attributes.map(({ type }) => namedOid(type)),
  },
  [oids.noRevAvail]: { meaning: 'its revocation is never published (RFC 9608)', show: nothing },
  [oids.ocspNoCheck]: {
    meaning: 'a responder whose own revocation is not checked (RFC 6960 §4.2.2.2.1)',
    show: nothing,
  },
  [oids.tlsFeature]: {
    meaning: 'TLS extensions its server promises; 5 is a stapled OCSP response (RFC 7633)',
    show: features => features,
  },
  [oids.signedCertificateTimestampList]: {
    meaning: 'receipts of certificate transparency logs (RFC 6962 §3.3)',
    show: list => `${list.length} bytes`,
  },
  [oids.documentTypeList]: {
    meaning: 'the documents it may sign, as in the MRZ (Doc 9303-12 §7.1.1.6)',
    show: ({ types }) => types,
  },
  [oids.nameChange]: {
    meaning: 'the CA changed its name with this certificate (Doc 9303-12 §7.1.1.5)',
    show: nothing,
  },
}

/** All extensions of a certificate; one that cannot be decoded is shown as it is, and says why. */
export function describeExtensions(certificate: Certificate): readonly ExtensionReport[] {
  return certificate.extensions.map(extension => {
    const { oid, critical } = extension
    return { name: oidName(oid), oid, critical, ...describe(certificate, extension) }
  })
}

function describe(certificate: Certificate, { oid, value }: Extension): Pick<ExtensionReport, 'meaning' | 'value'> {
  if (!Object.hasOwn(extensionDecoders, oid)) return { meaning: 'unknown to this program', value: hex(value) }
  const known = explained[oid as KnownExtensionOid] as Explained<KnownExtensionOid>
  try {
    const decoded = certificate.decode(oid as KnownExtensionOid)
    return { meaning: known.meaning, value: known.show(decoded as never) }
  } catch (error) {
    if (!isPkiError(error)) throw error
    return { meaning: `${known.meaning}; MALFORMED: ${error.message}`, value: hex(value) }
  }
}
