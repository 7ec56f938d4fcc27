import { type ProfileName, profiles } from '@mmf/pki'
import * as z from 'zod'

/** Bounds of one request. The bytes are bounded by the body limit; these keep what is done with them in proportion. */
export const requestLimits = {
  certificates: 1000,
  /** Intermediates, and anchors, after bundles are taken apart. */
  helpers: 2000,
  crls: 100,
  storedCrls: 10,
  ocspResponses: 1000,
  /** Characters of one text. A larger CRL is uploaded, fetched or imported, and named by its fingerprint. */
  text: 3_000_000,
} as const

const profileNames = Object.keys(profiles) as [ProfileName, ...ProfileName[]]

const certificateText = z
  .string()
  .min(1)
  .max(requestLimits.text)
  .meta({ description: 'PEM, base64 of DER, or a PKCS #7 bundle as PEM or base64' })
const crlText = z.string().min(1).max(requestLimits.text).meta({ description: 'PEM or base64 of DER' })
const ocspText = z.string().min(1).max(requestLimits.text).meta({ description: 'base64 of a DER OCSPResponse' })

const oid = z
  .string()
  .max(256)
  .regex(/^[0-2](\.(0|[1-9]\d*))+$/, 'expected an object identifier')

const fingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'expected SHA-256 as 64 lower-case hexadecimal digits')

/** The inputs of RFC 5280 §6.1.1 (c), (e), (f), (g). */
export const Policies = z.strictObject({
  initialPolicySet: z.optional(z.array(oid).max(100)),
  requireExplicitPolicy: z.optional(z.boolean()),
  inhibitPolicyMapping: z.optional(z.boolean()),
  inhibitAnyPolicy: z.optional(z.boolean()),
})

/** Named departures from a standard that some profile knows. */
export const compatibilityNames = ['rsa-digestinfo-without-null', 'lenient-extensions'] as const

export const revocationModes = ['required', 'soft-fail', 'off'] as const

/** What every kind of request has beside its certificates. */
export const sharedFields = {
  asOf: z.optional(
    z.iso.datetime().meta({ description: 'judge by the trust store as it was at this moment; default: as it is' }),
  ),
  intermediates: z.optional(z.array(certificateText).max(requestLimits.helpers)),
  anchors: z.optional(z.array(certificateText).min(1).max(requestLimits.helpers)),
  directory: z.optional(
    z.boolean().meta({ description: 'take issuers and CRLs from the public key directory as well; default false' }),
  ),
  fetch: z.optional(
    z.boolean().meta({
      description:
        'fetch issuers that are missing, OCSP responses and CRLs from the addresses that certificates name; default false',
    }),
  ),
  crls: z.optional(z.array(crlText).max(requestLimits.crls)),
  storedCrls: z.optional(
    z.array(fingerprint).max(requestLimits.storedCrls).meta({
      description: 'SHA-256 of CRLs that are stored: fetched, uploaded, of the directory or of an earlier verdict',
    }),
  ),
  ocspResponses: z.optional(z.array(ocspText).max(requestLimits.ocspResponses)),
  profile: z.enum(profileNames),
  time: z.optional(z.iso.datetime().meta({ description: 'the moment to judge, RFC 3339, UTC; default now' })),
  hostName: z.optional(z.string().min(1).max(255).meta({ description: 'a DNS name or an IP address (RFC 9525)' })),
  revocation: z.optional(
    z.enum(revocationModes).meta({
      description:
        'default: required where CRLs or OCSP responses are given, taken from the directory or fetched, else off',
    }),
  ),
  policies: z.optional(Policies),
  compatibilities: z.optional(z.array(z.enum(compatibilityNames)).max(10)),
}

type WithAnchors = { anchors?: readonly string[] | undefined; asOf?: string | undefined }
export const oneSourceOfTrust = ({ anchors, asOf }: WithAnchors) => anchors === undefined || asOf === undefined
export const twoSourcesOfTrust = {
  error: 'asOf is about the trust store and has no meaning beside anchors',
  path: ['asOf'],
}

type WithCompatibilities = { profile: ProfileName; compatibilities?: readonly string[] | undefined }
const compatibilitiesAreKnown = ({ profile, compatibilities = [] }: WithCompatibilities) =>
  compatibilities.every(name => profiles[profile].compatibilities.some(known => known === name))
const unknownCompatibility = { error: 'the profile knows no such compatibility', path: ['compatibilities'] }

export const ValidateRequest = z
  .strictObject({
    certificate: z.optional(certificateText),
    certificates: z.optional(z.array(z.string().max(requestLimits.text)).min(1).max(requestLimits.certificates)),
    ...sharedFields,
  })
  .refine(value => (value.certificate === undefined) !== (value.certificates === undefined), {
    error: 'exactly one of certificate and certificates',
    path: ['certificate'],
  })
  .refine(compatibilitiesAreKnown, unknownCompatibility)
  .refine(oneSourceOfTrust, twoSourcesOfTrust)

export const ValidateChainRequest = z
  .strictObject({
    chain: z
      .array(certificateText)
      .min(1)
      .max(requestLimits.helpers)
      .meta({ description: 'the certificate in question first' }),
    ...sharedFields,
  })
  .refine(compatibilitiesAreKnown, unknownCompatibility)
  .refine(oneSourceOfTrust, twoSourcesOfTrust)

/** What all requests share. */
export type SharedRequest = Omit<z.output<typeof ValidateChainRequest>, 'chain'>

export const ValidationReference = z.strictObject({ validationId: z.uuid() })
