import { examineDocument } from '../../layer/pki/src/icao/examine-document.ts'
import { passiveAuthentication } from '../../layer/pki/src/icao/passive-authentication.ts'
import { icaoCompatibilities } from '../../layer/pki/src/icao/signers.ts'
import { verifyMasterList } from '../../layer/pki/src/icao/verify-master-list.ts'
import { profiles } from '../../layer/pki/src/profiles/profiles.ts'
import type { ProfileName } from '../../layer/pki/src/profiles/types.ts'
import { testTime } from '../../layer/pki/src/testing/index.ts'
import { validateCertificate } from '../../layer/pki/src/verdict/validate-certificate.ts'
import { parseCertificate } from '../../layer/pki/src/x509/certificate.ts'
import { mutate } from './mutate.ts'
import type { Hierarchy, Seeds } from './seeds.ts'
import type { FuzzTarget } from './targets.ts'

/** The parts of a validation as base64. */
interface ValidationParts {
  profile: ProfileName
  /** Which part was changed; none for a control. */
  changed: string
  target: string
  intermediates: string[]
  anchors: string[]
  crls: string[]
  ocsp: string[]
}

const base64Pattern = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
const byteCounts = (text: string) => new Uint8Array(Buffer.from(text, 'base64'))

// What a signature covers to the last octet: no change to it may leave the verdict valid.
const sealed: ReadonlySet<string> = new Set(['target', 'intermediates', 'crls'])

/** Validation with one of its inputs changed; what is sealed by a signature must then not be valid. */
export function validateTarget(hierarchy: Hierarchy, all: readonly Uint8Array[]): FuzzTarget {
  const { root, intermediate, leaf, crls, ocsp } = hierarchy
  const profileNames = Object.keys(profiles) as ProfileName[]
  return {
    name: 'validate',
    alwaysAnswers: true,
    generate(random) {
      const parts: ValidationParts = {
        profile: random.pick(profileNames),
        changed: random.pick(['none', 'target', 'intermediates', 'anchors', 'crls', 'ocsp']),
        target: base64Pattern(leaf.der),
        intermediates: [base64Pattern(intermediate.der)],
        anchors: [base64Pattern(root.der)],
        crls: crls.map(base64Pattern),
        ocsp: [],
      }
      if (parts.changed === 'ocsp') parts.ocsp = ocsp.map(base64Pattern)
      const { changed } = parts
      if (changed === 'none') return Buffer.from(JSON.stringify(parts))
      const one = (text: string) => base64Pattern(mutate(byteCounts(text), random.pick(all), random))
      if (changed === 'target') parts.target = one(parts.target)
      else {
        const list = parts[changed as 'crls']
        const at = random.below(list.length)
        list[at] = one(list[at] ?? '')
      }
      return Buffer.from(JSON.stringify(parts))
    },
    run(input) {
      const parts = JSON.parse(Buffer.from(input).toString()) as ValidationParts
      const verdict = validateCertificate({
        target: byteCounts(parts.target),
        intermediates: parts.intermediates.map(byteCounts),
        anchors: parts.anchors.map(byteCounts),
        profile: parts.profile,
        compatibilities: profiles[parts.profile].compatibilities,
        time: testTime,
        revocation: 'required',
        serverName: 'a.fuzz.test',
        crls: parts.crls.map(byteCounts),
        ocspResponses: parts.ocsp.map(byteCounts),
      })
      JSON.stringify(verdict)
      if (parts.changed === 'none' && parts.profile === 'rfc5280' && !verdict.valid) {
        throw new Error(`the unchanged chain is invalid: ${verdict.findings.map(({ code }) => code).join(', ')}`)
      }
      const same =
        parts.target === base64Pattern(leaf.der) &&
        parts.intermediates[0] === base64Pattern(intermediate.der) &&
        parts.crls.every((crl, index) => crl === base64Pattern(crls[index] ?? new Uint8Array(0)))
      if (verdict.valid && sealed.has(parts.changed) && !same) {
        throw new Error(`a changed ${parts.changed} is valid under ${parts.profile}`)
      }
    },
  }
}

/** A changed master list, its embedded signer under an anchor. */
export function masterListTarget({ root }: Hierarchy, { masterList }: Seeds, all: readonly Uint8Array[]): FuzzTarget {
  return {
    name: 'verify-master-list',
    alwaysAnswers: true,
    generate: random => mutate(random.pick(masterList), random.pick(all), random),
    run: input => void verifyMasterList({ masterList: input, anchors: [root.der], time: testTime }),
  }
}

/** A changed document security object beside honest data groups. */
export function passiveAuthenticationTarget(
  { root, intermediate, leaf }: Hierarchy,
  { sod }: Seeds,
  all: readonly Uint8Array[],
): FuzzTarget {
  const dataGroups = [1, 2].map(number => ({ number, content: new Uint8Array(32).fill(number) }))
  const dataGroupHashes = dataGroups.map(({ number, content }) => ({ number, hash: content }))
  const signer = parseCertificate(leaf.der)
  return {
    name: 'passive-authentication',
    alwaysAnswers: true,
    generate: random => mutate(random.pick(sod), random.pick(all), random),
    run(input) {
      passiveAuthentication({
        sod: input,
        dataGroups,
        anchors: [root.der],
        certificates: [intermediate.der],
        time: testTime,
        issuingState: 'dg1',
      })
      examineDocument({ sod: input, dataGroupHashes, signer, compatibilities: icaoCompatibilities })
    },
  }
}
