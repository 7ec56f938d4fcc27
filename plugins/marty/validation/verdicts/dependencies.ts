import { type Certificate, type Name, type OcspResponse, oids } from '@mmf/pki'
import { decoded } from '../../certificates/decoded.ts'
import type { Evaluated } from '../evaluation/evaluate.ts'
import type { Inputs } from '../inputs/inputs.ts'
import { nameKey } from '../inputs/name-key.ts'
import type { DependencyRole } from '../tables/validation-dependencies.ts'

/** Most certificates that one verdict is filed under: they go into one transaction with it. */
const maxDependencies = 90

export type Dependencies = ReadonlyMap<string, readonly DependencyRole[]>

/**
 * Finds the certificates that verdicts rest on: the path, its anchor, what the trust store held back, and those
 * that may have signed the evidence that was looked at. A CRL
 * is put down to every given certificate of its issuer's name, a response to the responders it brings and to those given for the purpose:
 * rather one too many than one missed.
 */
export function dependencyFinder(): (evaluated: Evaluated, target: string) => Dependencies {
  const indexes = new Map<Inputs, SignerIndex>()
  return ({ verdict, inputs }, target) => {
    const roles = new Map<string, Set<DependencyRole>>()
    const add = (fingerprint: string, role: DependencyRole) => {
      const known = roles.get(fingerprint)
      if (known !== undefined) known.add(role)
      else if (roles.size < maxDependencies) roles.set(fingerprint, new Set([role]))
    }
    add(target, 'target')
    for (const certificate of verdict.path.slice(1)) add(certificate.fingerprint, 'ca')
    if (verdict.anchor?.sha256) add(verdict.anchor.sha256, 'anchor')
    if (inputs.targetRefused !== undefined) add(inputs.targetRefused.anchorId, 'refused')
    if (!verdict.valid) for (const { anchorId } of inputs.refused) add(anchorId, 'refused')
    if (verdict.revocation.length > 0) {
      const index = indexes.get(inputs) ?? signerIndex(inputs)
      indexes.set(inputs, index)
      for (const { fingerprint, role } of evidenceSigners(verdict.revocation, inputs, index)) add(fingerprint, role)
    }
    return new Map([...roles].map(([fingerprint, set]) => [fingerprint, [...set]]))
  }
}

interface Signer {
  readonly fingerprint: string
  readonly role: DependencyRole
}

function* evidenceSigners(
  reports: Evaluated['verdict']['revocation'],
  { crls, ocspResponses }: Inputs,
  index: SignerIndex,
): Iterable<Signer> {
  for (const report of new Map(reports.map(entry => [`${entry.source}${entry.index}`, entry])).values()) {
    const crl = report.source === 'crl' ? crls[report.index ?? -1] : undefined
    const response = report.source === 'ocsp' ? ocspResponses[report.index ?? -1] : undefined
    for (const { fingerprint } of crl === undefined ? [] : index.named(crl.issuer))
      yield { fingerprint, role: 'crl_issuer' }
    for (const { fingerprint } of response === undefined ? [] : responders(response, index)) {
      yield { fingerprint, role: 'ocsp_responder' }
    }
  }
}

function responders({ basic }: OcspResponse, index: SignerIndex): readonly Certificate[] {
  if (basic === undefined) return []
  const { responderId, certificates } = basic
  return [...certificates, ...(responderId.kind === 'byName' ? index.named(responderId.name) : index.responders)]
}

interface SignerIndex {
  named(name: Name): readonly Certificate[]
  readonly responders: readonly Certificate[]
}

function signerIndex({ intermediates, anchors }: Inputs): SignerIndex {
  const given = [...intermediates, ...anchors]
  const byName = Map.groupBy(given, ({ subject }) => nameKey(subject))
  return { named: name => byName.get(nameKey(name)) ?? [], responders: given.filter(signsOcsp) }
}

const signsOcsp = (certificate: Certificate): boolean =>
  decoded(() => certificate.extendedKeyUsage?.includes(oids.OCSPSigning)) === true
