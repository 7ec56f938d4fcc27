import { oids } from '../der/oid-names.ts'
import { tags } from '../der/tags.ts'
import type { GeneralSubtree } from '../x509/extensions/name-constraints.ts'
import type { GeneralName } from '../x509/general-name.ts'
import { parseIpAddress } from './ip-address.ts'
import type { NameConstraintFault } from './name-constraint-fault.ts'
import { isDomainName, parseMailbox, uriHost } from './name-forms.ts'
import { otherNameText, parseServiceConstraint, parseServiceName } from './other-names.ts'

/** `malformed`: the name cannot be compared. `unsupported`: no standard defines how names of this form are compared. */
export type SubtreeMatch = 'within' | 'outside' | 'malformed' | 'unsupported'

/**
 * Where a name lies with respect to the base of a subtree of the same form (RFC 5280 §4.2.1.10). A wildcard is within an excluded
 * subtree as soon as it could match a name there, and within a permitted one only if all it matches lie there.
 */
export function matchSubtree(name: GeneralName, base: GeneralName, list: 'permitted' | 'excluded'): SubtreeMatch {
  if (name.kind === 'dNSName' && base.kind === 'dNSName') return matchDomain(name.value, base.value, list)
  if (name.kind === 'directoryName' && base.kind === 'directoryName') return inside(name.value.isWithin(base.value))
  if (name.kind === 'rfc822Name' && base.kind === 'rfc822Name') return matchMailbox(name.value, base.value)
  if (name.kind === 'iPAddress' && base.kind === 'iPAddress') return inside(matchAddress(name.value, base.value))
  if (name.kind === 'uniformResourceIdentifier' && base.kind === 'uniformResourceIdentifier') {
    return matchUri(name.value, base.value)
  }
  if (name.kind === 'otherName' && base.kind === 'otherName') return matchOtherName(name, base, list)
  return name.kind === base.kind ? 'unsupported' : 'outside'
}

type OtherName = Extract<GeneralName, { readonly kind: 'otherName' }>

function matchOtherName(name: OtherName, base: OtherName, list: 'permitted' | 'excluded'): SubtreeMatch {
  if (name.typeId !== base.typeId) return 'outside'
  if (name.typeId !== oids.dnsSRV) return 'unsupported'
  const presented = parseServiceName(otherNameText(name, tags.IA5_STRING) ?? '')
  if (presented === undefined) return 'malformed'
  // RFC 4985 §4: service and domain are compared apart; a part that is absent restricts nothing.
  const { service, domain = '' } = parseServiceConstraint(otherNameText(base, tags.IA5_STRING) ?? '')
  if (service !== undefined && service !== presented.service) return 'outside'
  return matchDomain(presented.domain, domain, list)
}

function inside(within: boolean): SubtreeMatch {
  return within ? 'within' : 'outside'
}

function isSubdomain(domain: string, base: string): boolean {
  return base === '' || domain === base || domain.endsWith(`.${base}`)
}

function matchDomain(presented: string, constraint: string, list: 'permitted' | 'excluded'): SubtreeMatch {
  const wildcard = presented.startsWith('*.')
  const domain = (wildcard ? presented.slice(2) : presented).toLowerCase()
  if (!isDomainName(domain)) return 'malformed'
  const base = constraint.toLowerCase()
  if (isSubdomain(domain, base)) return 'within'
  // *.example.com would also be presented for bar.example.com, which an exclusion of bar.example.com speaks of.
  const overlaps = wildcard && list === 'excluded' && base.slice(base.indexOf('.') + 1) === domain
  return inside(overlaps)
}

function matchMailbox(presented: string, constraint: string): SubtreeMatch {
  const mailbox = parseMailbox(presented)
  if (mailbox === undefined) return 'malformed'
  if (constraint.includes('@')) {
    const wanted = parseMailbox(constraint)
    return inside(wanted !== undefined && wanted.local === mailbox.local && wanted.host === mailbox.host)
  }
  return inside(matchHost(mailbox.host, constraint))
}

/** A host, or with a leading period any host under the domain but not the domain itself. */
function matchHost(host: string, constraint: string): boolean {
  const base = constraint.toLowerCase()
  return base.startsWith('.') ? host.endsWith(base) && host.length > base.length : host === base
}

function matchUri(presented: string, constraint: string): SubtreeMatch {
  const host = uriHost(presented)
  // §4.2.1.10: a URI without a host as fully qualified domain name MUST be refused where URIs are constrained.
  if (host === undefined || !isDomainName(host) || parseIpAddress(host) !== undefined) return 'malformed'
  return inside(matchHost(host, constraint))
}

function matchAddress(address: Uint8Array, constraint: Uint8Array): boolean {
  const { length } = address
  if (constraint.length !== length * 2) return false
  for (let index = 0; index < length; index++) {
    const mask = constraint[length + index] as number
    if (((address[index] as number) & mask) !== ((constraint[index] as number) & mask)) return false
  }
  return true
}

/** A subtree that cannot be processed as RFC 5280 §4.2.1.10 defines it; such a constraint is refused, never passed over. */
export function subtreeFault({ base, minimum, maximum }: GeneralSubtree): NameConstraintFault | undefined {
  if (minimum !== 0 || maximum !== undefined) {
    return { code: 'name_constraint_unsupported', message: 'a subtree with minimum or maximum' }
  }
  if (isWellFormedBase(base)) return undefined
  const text = typeof base.value === 'string' ? ` '${base.value.slice(0, 200)}'` : ''
  return { code: 'name_constraint_malformed', message: `constraint${text} is no well-formed ${base.kind}` }
}

function isWellFormedBase(base: GeneralName): boolean {
  switch (base.kind) {
    case 'dNSName':
      return base.value === '' || isDomainName(base.value)
    case 'rfc822Name':
      return base.value.includes('@') ? parseMailbox(base.value) !== undefined : isHostOrDomain(base.value)
    case 'uniformResourceIdentifier':
      return isHostOrDomain(base.value)
    case 'iPAddress':
      return isAddressBlock(base.value)
    case 'otherName':
      return base.typeId !== oids.dnsSRV || isServiceConstraint(otherNameText(base, tags.IA5_STRING))
    default:
      return true
  }
}

function isServiceConstraint(text: string | undefined): boolean {
  if (text === undefined) return false
  const { domain } = parseServiceConstraint(text)
  return domain === undefined || isDomainName(domain)
}

function isHostOrDomain(text: string): boolean {
  return isDomainName(text.startsWith('.') ? text.slice(1) : text)
}

/** Address and mask of four or sixteen octets each, the mask a prefix (RFC 4632 §3.1). */
function isAddressBlock(octets: Uint8Array): boolean {
  if (octets.length !== 8 && octets.length !== 32) return false
  let ended = false
  for (const octet of octets.subarray(octets.length / 2)) {
    if (ended ? octet !== 0 : !isPrefixOctet(octet)) return false
    if (octet !== 0xff) ended = true
  }
  return true
}

function isPrefixOctet(octet: number): boolean {
  const inverted = ~octet & 0xff
  return (inverted & (inverted + 1)) === 0
}
