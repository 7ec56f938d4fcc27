import type { IcaoCompatibility } from '@mmf/pki'
import * as z from 'zod'
import { sha256Of } from '../inputs/evidence-store.ts'
import { documentCompatibilities } from './document-compatibilities.ts'

/**
 * A travel document as it was presented. The data groups themselves, which are about a person, are hashed and forgotten; what a repetition
 * needs is here.
 */
export interface DocumentInput {
  readonly sod: Uint8Array
  readonly dataGroups: readonly { readonly number: number; readonly hash: Uint8Array }[]
  /** The issuing State that was asked for; `dg1` and `any` as the request has them. */
  readonly askedState?: string | undefined
  /** What DG1 names, where it was presented whole: the State, or why it cannot be read. */
  readonly dg1?: { readonly state: string } | { readonly unreadable: string } | undefined
  readonly compatibilities: readonly IcaoCompatibility[]
}

const Sealed = z.strictObject({
  sod: z.string(),
  dataGroups: z.array(z.strictObject({ number: z.int(), hash: z.string() })),
  askedState: z.optional(z.string()),
  dg1: z.optional(z.union([z.strictObject({ state: z.string() }), z.strictObject({ unreadable: z.string() })])),
  compatibilities: z.array(z.enum(documentCompatibilities)),
})

/** The document as evidence: a JSON text under its own hash. */
export function sealDocument(document: DocumentInput): { readonly sha256: string; readonly bytes: Uint8Array } {
  const { sod, dataGroups, askedState, dg1, compatibilities } = document
  const sealed: z.input<typeof Sealed> = {
    sod: Buffer.from(sod).toString('base64'),
    dataGroups: dataGroups.map(({ number, hash }) => ({ number, hash: Buffer.from(hash).toString('hex') })),
    askedState,
    dg1,
    compatibilities: [...compatibilities],
  }
  const bytes = Buffer.from(JSON.stringify(sealed))
  return { sha256: sha256Of(bytes), bytes }
}

export function openDocument(bytes: Uint8Array): DocumentInput {
  const { sod, dataGroups, ...rest } = Sealed.parse(JSON.parse(Buffer.from(bytes).toString()))
  return {
    ...rest,
    sod: new Uint8Array(Buffer.from(sod, 'base64')),
    dataGroups: dataGroups.map(({ number, hash }) => ({ number, hash: new Uint8Array(Buffer.from(hash, 'hex')) })),
  }
}
