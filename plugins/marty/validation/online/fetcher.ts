import type { Call } from '@mmf/framework'
import { defined } from '@mmf/framework'
import {
  buildOcspRequest,
  type Certificate,
  type CertificateList,
  type OcspResponse,
  parseCrl,
  parseOcspResponse,
} from '@mmf/pki'
import { decoded } from '../../certificates/decoded.ts'
import { slices } from '../inputs/evidence-store.ts'
import type { FetchNote } from '../inputs/note.ts'
import { crlAddresses, issuerAddresses, type Mirrors, ocspAddresses } from './addresses.ts'
import {
  type Asked,
  ask,
  claimAddress,
  contentsOf,
  type FetchContext,
  isKept,
  knownSource,
  sourceOf,
  type Wanted,
} from './fetch.ts'
import { certificatesIn } from './kinds.ts'

/** Bounds of one call. */
const limits = {
  /** Addresses that are asked; what is kept from earlier does not count. */
  asked: 64,
  atOnce: 8,
  /** Time for one address, milliseconds. */
  oneMs: 5000,
  /** Part of the time of the call: the rest is for judging and storing. */
  share: 0.5,
} as const

/** Contents of one kind, and what became of the addresses. */
export interface Fetched<T> {
  readonly items: readonly T[]
  readonly notes: readonly FetchNote[]
}

/** Fetches what certificates name, for one call: each address once. */
export interface Fetcher {
  crlsFor(of: Certificate | CertificateList): Promise<Fetched<CertificateList>>
  ocspFor(certificate: Certificate, issuer: Certificate): Promise<Fetched<OcspResponse>>
  issuersOf(of: Certificate | CertificateList): Promise<Fetched<Certificate>>
  /** Every row that was looked at. */
  seen(): readonly Asked[]
}

export function createFetcher(context: FetchContext, { signal, deadline }: Pick<Call, 'signal' | 'deadline'>): Fetcher {
  const started = Date.now()
  const until = started + (deadline - started) * limits.share
  const answers = new Map<string, Promise<Look>>()
  const asked: Asked[] = []
  let left: number = limits.asked

  async function look(wanted: Wanted): Promise<Look> {
    const { kind, url } = wanted
    const known = await knownSource(context, wanted, signal)
    const timeoutMs = Math.min(limits.oneMs, until - Date.now())
    const refusal = left < 1 ? 'limit_reached' : timeoutMs < 1 ? 'time_over' : undefined
    const isHeld = isKept(known, context)
    const mayAsk = !isHeld && refusal === undefined
    if (mayAsk) left -= 1
    const claim = mayAsk ? await claimAddress(context, known, signal) : undefined
    // Without a claim, another call is asking: the stored contents are used meanwhile.
    const kept = known !== undefined && (isHeld || mayAsk) ? { row: known, outcome: 'kept' as const } : undefined
    const found = claim === undefined ? kept : await ask(context, wanted, claim.before, { timeoutMs, signal })
    if (found !== undefined) asked.push(found)
    const last = found?.row ?? known
    const contents = last === undefined ? [] : await contentsOf(context, last, signal)
    const hashes = [last?.latest?.sha256, last?.proven?.sha256].filter(hash => hash !== undefined)
    const code = last?.failure?.code
    const note = {
      kind,
      url: url.slice(0, 500),
      contents: [...new Set(hashes)],
      ...defined({ code }),
    }
    return { contents, note: { ...note, outcome: found?.outcome ?? refusal ?? 'failed' } }
  }

  function once(wanted: Wanted): Promise<Look> {
    const source = sourceOf(wanted)
    const answer = answers.get(source) ?? look(wanted)
    answers.set(source, answer)
    return answer
  }

  /** The first of several addresses of the same thing that has something. */
  async function firstOf(mirrors: Mirrors, wanted: (url: string) => Wanted): Promise<readonly Look[]> {
    const looks: Look[] = []
    for (const url of mirrors) {
      const found = await once(wanted(url))
      looks.push(found)
      if (found.contents.length > 0) break
    }
    return looks
  }

  async function all<T>(
    places: readonly Mirrors[],
    wanted: (url: string) => Wanted,
    read: (content: Uint8Array) => readonly T[],
  ): Promise<Fetched<T>> {
    const looks: Look[] = []
    for (const some of slices(places, limits.atOnce)) {
      looks.push(...(await Promise.all(some.map(mirrors => firstOf(mirrors, wanted)))).flat())
    }
    return { items: looks.flatMap(({ contents }) => contents.flatMap(read)), notes: looks.map(({ note }) => note) }
  }

  const crls = remembering(parseCrl)
  return {
    crlsFor: of =>
      all(
        crlAddresses(of),
        url => ({ kind: 'crl', url }),
        content => [crls(content)],
      ),
    async ocspFor(certificate, issuer) {
      const request = decoded(() => buildOcspRequest({ certificate, issuer }))
      if (request === undefined) return { items: [], notes: [] }
      return all(
        [ocspAddresses(certificate)],
        url => ({ kind: 'ocsp', url, request, withNonce: nonce => buildOcspRequest({ certificate, issuer, nonce }) }),
        content => [parseOcspResponse(content)],
      )
    },
    issuersOf: of =>
      all(
        issuerAddresses(of).map(url => [url]),
        url => ({ kind: 'issuer', url }),
        certificatesIn,
      ),
    seen: () => asked,
  }
}

interface Look {
  readonly contents: readonly Uint8Array[]
  readonly note: FetchNote
}

/** The same bytes are read once: a list is large, and asked for with every certificate of its issuer. */
function remembering<T>(read: (content: Uint8Array) => T): (content: Uint8Array) => T {
  const known = new Map<Uint8Array, T>()
  return content => {
    const item = known.get(content) ?? read(content)
    known.set(content, item)
    return item
  }
}
