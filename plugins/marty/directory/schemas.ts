import { base64, integerText } from '@mmf/framework'
import * as z from 'zod'
import { certificateKinds } from '../certificates/kinds.ts'
import { fingerprint, hexadecimal } from '../certificates/values/hexadecimal.ts'
import { collections, conformances } from './tables/pkd-public-keys.ts'

export const Fingerprint = fingerprint

/** What brought an entry, as its publisher or importer calls it. */
export const SourceName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:/ -]{0,127}$/, 'expected up to 128 letters, digits and . : / _ -')
  .meta({ description: 'a name for where it comes from' })

/** How a certificate is named. What is given must all hold. */
export const certificateReference = {
  subject: z.optional(z.string().min(1).max(8192).meta({ description: 'distinguished name, RFC 4514' })),
  keyIdentifier: z.optional(hexadecimal('{1,64}', 'subject key identifier')),
  country: z.optional(z.string().regex(/^[A-Za-z]{2,3}$/, 'expected a country code')),
  issuer: z.optional(z.string().min(1).max(8192).meta({ description: 'distinguished name, RFC 4514' })),
  serialNumber: z.optional(hexadecimal('{1,64}', 'serial number as encoded')),
  fingerprint: z.optional(Fingerprint),
}

export const page = {
  limit: z.optional(integerText({ min: 1, max: 100 })),
  cursor: z.optional(z.string().min(1).max(2048)),
}

const Time = z.iso.datetime()

/** An entry of the directory as its readers see it. */
export const DirectoryEntry = z.strictObject({
  fingerprint: z.string(),
  status: z.enum(['published', 'withdrawn']),
  kind: z.enum(certificateKinds),
  collection: z.enum(collections),
  subject: z.string(),
  issuer: z.string(),
  serialNumber: z.string(),
  keyIdentifier: z.string(),
  country: z.optional(z.string()),
  publicKey: base64({ description: 'SubjectPublicKeyInfo, DER' }),
  certificate: base64({ description: 'the certificate, DER' }),
  validity: z.strictObject({ notBefore: Time, notAfter: Time }),
  conformance: z.strictObject({
    status: z.enum(conformances),
    findings: z.array(z.string()),
    /** What the publisher of the entry said. */
    pkdCode: z.optional(z.string()),
    pkdText: z.optional(z.string()),
  }),
  source: z.strictObject({ name: z.string(), importId: z.optional(z.string()), principal: z.string() }),
  withdrawal: z.optional(z.strictObject({ reason: z.string(), at: Time, principal: z.string() })),
  createdAt: Time,
  updatedAt: Time,
})
export type DirectoryEntry = z.output<typeof DirectoryEntry>
