import { isPkiError } from '../errors.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import { keyOfName } from '../x509/name.ts'
import type { Budget } from './budget.ts'
import type { CertificateChecks, CertificateFault } from './certificate-checks.ts'
import { NameIndex } from './name-index.ts'
import type { CandidatePath } from './path-processing.ts'
import type { TrustAnchor } from './trust-anchor.ts'

/** Certificates of one path, self-issued ones included; deeper is not searched. */
const maxPathCertificates = 32

// What it costs, in steps, to look at one possible issuer.
const candidateSteps = 10

/** Issuers whose name is encoded alike come first; string preparation is what costs. */
const steps = ['exact', 'similar'] as const

/** A path that ended before an anchor: `faults` are those of the last certificate in it, or none has issued that one. */
export interface DeadEnd {
  readonly certificates: readonly Certificate[]
  readonly faults: readonly CertificateFault[]
}

export interface PathVisitor {
  /** A complete path; true ends the search. */
  path(candidate: CandidatePath): boolean
  deadEnd(end: DeadEnd): void
}

/**
 * Depth-first search from the target up: anchors before other issuers, then the issuers that key identifiers point to, then those with the
 * fewest names between them and an anchor. A subject with the same key is visited once per path. Certificates that are wrong by
 * themselves are not followed, and names that lead to no anchor neither.
 */
export class PathBuilder {
  readonly #anchors: NameIndex<TrustAnchor>
  readonly #issuers: NameIndex<Certificate>
  readonly #anchorList: readonly TrustAnchor[]
  readonly #pool: readonly Certificate[]
  readonly #checks: CertificateChecks
  readonly #budget: Budget
  #distances: ReadonlyMap<string, number> | undefined

  constructor(
    anchors: readonly TrustAnchor[],
    intermediates: readonly Certificate[],
    checks: CertificateChecks,
    budget: Budget,
  ) {
    this.#anchorList = anchors
    this.#pool = intermediates
    this.#anchors = new NameIndex(anchors, ({ name }) => name)
    this.#issuers = new NameIndex(intermediates, ({ subject }) => subject)
    this.#checks = checks
    this.#budget = budget
  }

  /**
   * Visits the paths from the target to an anchor until the visitor ends the search.
   * @throws BudgetExhausted
   */
  search(target: Certificate, visitor: PathVisitor): void {
    this.#extend([target], visitor)
  }

  #extend(path: Certificate[], visitor: PathVisitor): boolean {
    const last = path.at(-1) as Certificate
    this.#budget.spend(candidateSteps)
    let anchored = false
    for (const names of steps) {
      const anchors = this.#anchors[names](last.issuer)
      for (const anchor of this.#orderAnchors(last, anchors)) {
        anchored = true
        this.#budget.spend(candidateSteps)
        if (visitor.path({ anchor, certificates: [...path] })) return true
      }
      const issuers = this.#issuers[names](last.issuer)
      for (const issuer of this.#orderIssuers(last, issuers)) {
        this.#budget.spend(candidateSteps)
        if (path.length >= maxPathCertificates || path.some(member => member.isSameEntity(issuer))) continue
        anchored = true
        if (this.#follow(issuer, path, visitor)) return true
      }
    }
    if (!anchored) visitor.deadEnd({ certificates: [...path], faults: [] })
    return false
  }

  #follow(issuer: Certificate, path: Certificate[], visitor: PathVisitor): boolean {
    const faults = this.#checks.faults(issuer, 'ca')
    path.push(issuer)
    let found = false
    if (faults.length > 0) visitor.deadEnd({ certificates: [...path], faults })
    else found = this.#extend(path, visitor)
    path.pop()
    return found
  }

  #orderAnchors(child: Certificate, anchors: readonly TrustAnchor[]): readonly TrustAnchor[] {
    if (anchors.length < 2) return anchors
    return anchors.toSorted((a, b) => hint(child, b.certificate) - hint(child, a.certificate))
  }

  #orderIssuers(child: Certificate, issuers: readonly Certificate[]): readonly Certificate[] {
    if (issuers.length === 0 || this.#pool.length < 2) return issuers
    const distances = this.#distancesToAnchor()
    const ranked: { readonly issuer: Certificate; readonly hint: number; readonly distance: number }[] = []
    for (const issuer of issuers) {
      this.#budget.spend(1)
      const distance = distances.get(keyOfName(issuer.issuer) ?? '')
      // No chain of names leads from here to an anchor.
      if (distance !== undefined) ranked.push({ issuer, hint: hint(child, issuer), distance })
    }
    if (ranked.length > 1) {
      ranked.sort((a, b) => b.hint - a.hint || a.distance - b.distance || b.issuer.notAfter - a.issuer.notAfter)
    }
    return ranked.map(({ issuer }) => issuer)
  }

  /** For each name, the fewest certificates between it and an anchor's name; breadth first from the anchors down. */
  #distancesToAnchor(): ReadonlyMap<string, number> {
    if (this.#distances !== undefined) return this.#distances
    const byIssuer = new Map<string, string[]>()
    for (const { issuer, subject } of this.#pool) {
      this.#budget.spend(1)
      const from = keyOfName(issuer)
      const to = keyOfName(subject)
      if (from === undefined || to === undefined) continue
      const subjects = byIssuer.get(from)
      if (subjects === undefined) byIssuer.set(from, [to])
      else subjects.push(to)
    }
    const distances = new Map<string, number>()
    let frontier = this.#anchorList.flatMap(({ name }) => keyOfName(name) ?? [])
    for (let distance = 0; frontier.length > 0; distance++) {
      for (const name of frontier) distances.set(name, distance)
      frontier = frontier.flatMap(name => byIssuer.get(name) ?? []).filter(name => !distances.has(name))
      frontier = [...new Set(frontier)]
      this.#budget.spend(frontier.length)
    }
    this.#distances = distances
    return distances
  }
}

/** How well key identifiers point from a certificate to its issuer: 1 the same, 0 unknown, -1 different. Hints, not requirements. */
function hint(child: Certificate, issuer: Certificate | undefined): number {
  if (issuer === undefined) return 0
  try {
    const wanted = child.authorityKeyIdentifier?.keyIdentifier
    const own = issuer.subjectKeyIdentifier
    if (wanted === undefined || own === undefined) return 0
    return bytesEqual(wanted, own) ? 1 : -1
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return 0
  }
}
