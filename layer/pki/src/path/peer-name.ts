import { domainToASCII } from 'node:url'
import { optionFields } from '../options/option-fields.ts'
import { refuseUnknown } from '../options/refuse-unknown.ts'
import { bytesEqual } from '../x509/bytes.ts'
import type { Certificate } from '../x509/certificate.ts'
import { parseIpAddress } from './ip-address.ts'
import { isDomainName, isWildcardName, parseMailbox } from './name-forms.ts'

/** Whom the caller means to talk to: a reference identifier of RFC 9525 §6.1, or a mailbox (RFC 8550 §3). */
export type PeerName =
  | { readonly kind: 'dns'; readonly value: string }
  | { readonly kind: 'ip'; readonly value: string }
  | { readonly kind: 'email'; readonly value: string }

/** A host as a user types it, a domain name or an IP address in text, as a peer name. */
export function peerNameOfHost(host: string): PeerName {
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1]
  const address = bracketed ?? host
  return parseIpAddress(address) === undefined ? { kind: 'dns', value: host } : { kind: 'ip', value: address }
}

/**
 * `invalid`: the reference itself is no name of its kind. Only the subjectAltName is looked at: a common name is not a
 * host name (RFC 9525 §2).
 * @throws extension_malformed
 */
export function matchPeerName(certificate: Certificate, peer: PeerName): 'match' | 'mismatch' | 'invalid' {
  refuseUnknown(peerNameFields, peer)
  const names = certificate.subjectAltName ?? []
  if (peer.kind === 'ip') {
    const address = parseIpAddress(peer.value)
    if (address === undefined) return 'invalid'
    return names.some(name => name.kind === 'iPAddress' && bytesEqual(name.value, address)) ? 'match' : 'mismatch'
  }
  if (peer.kind === 'email') {
    const mailbox = parseMailbox(peer.value)
    if (mailbox === undefined) return 'invalid'
    return names.some(name => name.kind === 'rfc822Name' && isSameMailbox(name.value, mailbox)) ? 'match' : 'mismatch'
  }
  const host = normaliseHost(peer.value)
  if (host === undefined) return 'invalid'
  return names.some(name => name.kind === 'dNSName' && matchesHost(name.value, host)) ? 'match' : 'mismatch'
}

function isSameMailbox(presented: string, wanted: { readonly local: string; readonly host: string }): boolean {
  const mailbox = parseMailbox(presented)
  return mailbox !== undefined && mailbox.local === wanted.local && mailbox.host === wanted.host
}

/** Lower case, A-labels (RFC 9525 §6.1.1), without the dot of the root; undefined for what is no domain name. */
function normaliseHost(text: string): string | undefined {
  const relative = text.endsWith('.') ? text.slice(0, -1) : text
  if (/^[\x20-\x7e]*$/.test(relative)) return isDomainName(relative) ? relative.toLowerCase() : undefined
  const ascii = domainToASCII(relative)
  return isDomainName(ascii) ? ascii : undefined
}

/** RFC 9525 §6.3: equal labels without case, or a wildcard that is the whole left-most label and stands for exactly one. */
function matchesHost(presented: string, host: string): boolean {
  const name = presented.toLowerCase()
  if (!name.startsWith('*')) return isDomainName(name) && name === host
  if (!isWildcardName(name)) return false
  const suffix = name.slice(1)
  // One label after the wildcard would take in a whole top-level domain.
  if (suffix.indexOf('.', 1) < 0) return false
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === suffix
}

export const peerNameFields = optionFields<PeerName>({ kind: 1, value: 1 })
