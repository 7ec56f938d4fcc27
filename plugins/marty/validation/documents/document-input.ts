import type { ActiveAuthenticationInput, IcaoCompatibility } from '@mmf/pki'
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
  /** What the chip was asked and answered, with the files that hold its key: nothing personal. */
  readonly activeAuthentication?: ActiveAuthenticationInput | undefined
  readonly compatibilities: readonly IcaoCompatibility[]
}

const Sealed = z.strictObject({
  sod: z.string(),
  dataGroups: z.array(z.strictObject({ number: z.int(), hash: z.string() })),
  askedState: z.optional(z.string()),
  dg1: z.optional(z.union([z.strictObject({ state: z.string() }), z.strictObject({ unreadable: z.string() })])),
  compatibilities: z.array(z.enum(documentCompatibilities)),
  chip: z.optional(z.array(z.string())),
})

/** The document as evidence: a JSON text under its own hash. */
export function sealDocument(document: DocumentInput): { readonly sha256: string; readonly bytes: Uint8Array } {
  const { sod, dataGroups, askedState, dg1, compatibilities, activeAuthentication: chip } = document
  const sealed: z.input<typeof Sealed> = {
    sod: base64(sod),
    dataGroups: dataGroups.map(({ number, hash }) => ({ number, hash: Buffer.from(hash).toString('hex') })),
    askedState,
    dg1,
    compatibilities: [...compatibilities],
    chip: chip && [chip.challenge, chip.response, chip.dg15, chip.dg14 ?? []].map(base64),
  }
  const bytes = Buffer.from(JSON.stringify(sealed))
  return { sha256: sha256Of(bytes), bytes }
}

export function openDocument(bytes: Uint8Array): DocumentInput {
  const { sod, dataGroups, chip, ...rest } = Sealed.parse(JSON.parse(Buffer.from(bytes).toString()))
  const [challenge, response, dg15, dg14] = chip?.map(text => bytesOf(text)) ?? []
  return {
    ...rest,
    ...(challenge && response && dg15 && { activeAuthentication: chipOf(challenge, response, dg15, dg14) }),
    sod: bytesOf(sod),
    dataGroups: dataGroups.map(({ number, hash }) => ({ number, hash: bytesOf(hash, 'hex') })),
  }
}

const base64 = (bytes: ArrayLike<number>): string => Buffer.from(bytes).toString('base64')
export const bytesOf = (text: string, encoding: 'hex' | 'base64' = 'base64'): Uint8Array =>
  new Uint8Array(Buffer.from(text, encoding))

/** @param dg14 empty where it was not presented */
export function chipOf(
  challenge: Uint8Array,
  response: Uint8Array,
  dg15: Uint8Array,
  dg14: Uint8Array = new Uint8Array(),
): ActiveAuthenticationInput {
  return { challenge, response, dg15, ...(dg14.length > 0 && { dg14 }) }
}
