import * as z from 'zod'
import { oneSourceOfTrust, sharedFields, twoSourcesOfTrust } from '../schemas.ts'
import { documentCompatibilities } from './document-compatibilities.ts'

/** Characters of base64: an EF.SOD has some kilobytes, a DG2 some tens of them. */
const max = { sod: 200_000, dataGroup: 2_000_000, dataGroups: 16, documents: 100 } as const

const DataGroup = z
  .strictObject({
    number: z.int().gte(1).lte(16),
    content: z.optional(z.base64().min(1).max(max.dataGroup).meta({ description: 'the whole file as read, base64' })),
    hash: z.optional(
      z
        .string()
        .regex(/^([0-9a-f]{2}){20,64}$/, 'expected a hash as lower-case hexadecimal digits')
        .meta({ description: 'its hash under the algorithm of the security object, instead of the content' }),
    ),
  })
  .refine(({ content, hash }) => (content === undefined) !== (hash === undefined), {
    error: 'exactly one of content and hash',
    path: ['content'],
  })

const { profile: _profile, hostName: _host, policies: _policies, fetch: _fetch, ...shared } = sharedFields

const ActiveAuthentication = z
  .strictObject({
    challenge: z.string().regex(/^[0-9a-f]{16}$/, 'expected 8 bytes as lower-case hexadecimal digits'),
    response: z.base64().min(1).max(4000),
  })
  .meta({ description: 'asked of the chip, and its answer; needs DG15 whole, for ECDSA DG14 too' })

const DocumentFields = {
  sod: z.base64().min(1).max(max.sod).meta({ description: 'EF.SOD as read from the chip, base64' }),
  dataGroups: z
    .array(DataGroup)
    .min(1)
    .max(max.dataGroups)
    .refine(groups => new Set(groups.map(({ number }) => number)).size === groups.length, {
      error: 'a data group is presented twice',
    }),
  activeAuthentication: z.optional(ActiveAuthentication),
  issuingState: z.optional(
    z
      .string()
      .regex(/^([A-Z]{1,3}|dg1|any)$/, 'expected a State as the MRZ writes it, dg1 or any')
      .meta({
        description: 'whose CSCA must stand behind the document; default: the one of DG1 where it is presented',
      }),
  ),
}

const allDocuments = {
  ...shared,
  compatibilities: z.optional(z.array(z.enum(documentCompatibilities)).max(10)),
}

export const PassiveAuthenticationBatchRequest = z
  .strictObject({ documents: z.array(z.strictObject(DocumentFields)).min(1).max(max.documents), ...allDocuments })
  .refine(oneSourceOfTrust, twoSourcesOfTrust)

export const PassiveAuthenticationRequest = z
  .strictObject({ ...DocumentFields, ...allDocuments })
  .refine(oneSourceOfTrust, twoSourcesOfTrust)
export type PassiveAuthenticationRequest = z.output<typeof PassiveAuthenticationRequest>
