import { type Call, isMmfError } from '@mmf/framework'
import {
  type Certificate,
  type CertificateList,
  type Name,
  parseCertificate,
  parseCrl,
  prepareEvidence,
} from '@mmf/pki'
import type * as z from 'zod'
import { decoded } from '../../certificates/decoded.ts'
import { lookupPublicKey } from '../../directory/operations/lookup-public-key.ts'
import { getCrl, listCrls } from '../../directory/operations/read-crls.ts'
import type { Helpers } from '../inputs/inputs.ts'
import { nameKey } from '../inputs/name-key.ts'
import { blobBytes } from '../inputs/stored-crls.ts'
import type { ValidationContext } from '../operation.ts'
import type { Settings } from '../settings.ts'
import type { Target } from './candidates.ts'

/** Issuers that are asked about in one call; a batch from more of them brings its own helpers. */
const maxIssuers = 64
/** Lists of one issuer that are read at once, newest first, until one of the moment is among them. */
const listsAtOnce = 20
/** Bytes of all lists in one call; one that does not fit is left out, and its certificates are undetermined. */
const maxListBytes = 64_000_000

interface Environment {
  readonly context: ValidationContext
  readonly call: Call
}

/**
 * What the public key directory has to add: certificates of the issuers, up from each certificate in question, and, unless revocation is off,
 * the CRLs of those issuers that were in force at the moment. Nothing is believed of it: it helps to build paths and to check them.
 */
export async function withDirectory(
  targets: readonly Target[],
  helpers: Helpers,
  settings: Settings,
  environment: Environment,
): Promise<Helpers> {
  const given = [...helpers.intermediates, ...targets.flatMap(({ others }) => others)]
  const readable = targets.flatMap(({ target }) => (target instanceof Uint8Array ? [] : [target]))
  const known = new Map(given.map(certificate => [certificate.fingerprint, certificate]))
  const names = new Map<string, Name>()
  const asked = new Set<string>()
  const queue = [...readable, ...given]
  for (let certificate = queue.shift(); certificate !== undefined; certificate = queue.shift()) {
    const reference = issuerReference(certificate)
    const key = JSON.stringify(reference)
    if (reference === undefined || asked.has(key) || asked.size >= maxIssuers) continue
    asked.add(key)
    names.set(nameKey(certificate.issuer), certificate.issuer)
    const issuer = await issuerOf(reference, environment)
    if (issuer === undefined || known.has(issuer.fingerprint)) continue
    known.set(issuer.fingerprint, issuer)
    queue.push(issuer)
  }
  const found = [...known.values()].filter(certificate => !given.includes(certificate))
  const crls = settings.revocation === 'off' ? [] : await crlsOf([...names.values()], settings.at, environment)
  const all = [...helpers.crls, ...crls]
  return {
    intermediates: [...helpers.intermediates, ...found],
    crls: all,
    ocspResponses: helpers.ocspResponses,
    evidence: prepareEvidence(all, helpers.ocspResponses),
  }
}

interface IssuerReference {
  readonly subject: string
  readonly keyIdentifier?: string
}

/** How a certificate names its issuer. States keep their name when they change their key: the key identifier distinguishes them. */
function issuerReference(certificate: Certificate): IssuerReference | undefined {
  const subject = decoded(() => certificate.issuer.toString())
  if (subject === undefined || subject === '') return undefined
  const identifier = decoded(() => certificate.authorityKeyIdentifier?.keyIdentifier)
  return identifier === undefined ? { subject } : { subject, keyIdentifier: Buffer.from(identifier).toString('hex') }
}

async function issuerOf(reference: IssuerReference, { context, call }: Environment): Promise<Certificate | undefined> {
  const entry = await found(() => context.services.call(lookupPublicKey, { ...reference }, call))
  return entry === undefined ? undefined : parseCertificate(entry.certificate)
}

async function crlsOf(
  names: readonly Name[],
  at: number,
  environment: Environment,
): Promise<readonly CertificateList[]> {
  const { context, call } = environment
  const lists: CertificateList[] = []
  let bytesLeft = maxListBytes
  for (const name of names) {
    const issuer = decoded(() => name.toString())
    if (issuer === undefined || issuer === '') continue
    const { complete, delta } = await listsOfMoment(issuer, at, environment)
    for (const { fingerprint, size } of [complete, delta].filter(entry => entry !== undefined)) {
      if (size > bytesLeft) continue
      bytesLeft -= size
      const crl = await found(() => context.services.call(getCrl, { fingerprint }, call))
      // A large list comes in parts.
      const bytes = crl === undefined ? undefined : (crl.content ?? (await blobBytes(fingerprint, size, environment)))
      if (bytes !== undefined && bytes !== 'too_large') lists.push(parseCrl(bytes))
    }
  }
  return lists
}

type Listed = z.output<typeof listCrls.output>['crls'][number]

/** The complete list and the delta of an issuer that were the newest at a moment, however many came after it. */
async function listsOfMoment(issuer: string, at: number, { context, call }: Environment) {
  let complete: Listed | undefined
  let delta: Listed | undefined
  let cursor: string | undefined
  do {
    const input = { issuer, limit: listsAtOnce, cursor }
    const page = await found(() => context.services.call(listCrls, input, call))
    const then = (page?.crls ?? []).filter(({ thisUpdate }) => Date.parse(thisUpdate) <= at)
    complete = then.find(({ baseNumber }) => baseNumber === undefined)
    delta ??= then.find(({ baseNumber }) => baseNumber !== undefined)
    cursor = page?.cursor
  } while (complete === undefined && cursor !== undefined)
  return { complete, delta }
}

/** What the directory answers; undefined for what it does not have, or cannot read as a name. */
async function found<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask()
  } catch (error) {
    const nothing = ['public_key_not_found', 'not_found', 'validation_failed'] as const
    if (nothing.some(code => isMmfError(error, code))) return undefined
    throw error
  }
}
