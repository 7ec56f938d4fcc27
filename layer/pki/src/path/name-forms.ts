/** The syntax of the names that constraints and peers are compared by. Text in, nothing resolved, nothing looked up. */

// RFC 1034 §3.5 with RFC 1123 §2.1; the underscore is not a host name's, yet it stands in names that DNS resolves.
const domain =
  /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/

/** True for a domain name of labels, without a trailing or leading dot, at most 253 characters. */
export function isDomainName(text: string): boolean {
  return text.length <= 253 && domain.test(text)
}

// RFC 1034 §3.5 with RFC 1123 §2.1: letters, digits and hyphens.
const hostPattern =
  /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/

/** True for a domain name in the "preferred name syntax" that RFC 5280 §4.2.1.6 asks of a dNSName: no underscore. */
export function isHostName(text: string): boolean {
  return text.length <= 253 && hostPattern.test(text)
}

/** True for `*.` before a domain name: the one place RFC 9525 §6.3 lets a wildcard stand in. */
export function isWildcardName(text: string): boolean {
  return text.startsWith('*.') && isDomainName(text.slice(2))
}

/** The two sides of an RFC 822 mailbox; undefined for text with no or several unquoted at signs. */
export interface Mailbox {
  /** Without the quotes and backslashes that RFC 5321 §4.1.2 lets it be written with; compared exactly (RFC 5280 §7.5). */
  readonly local: string
  /** Lower case. */
  readonly host: string
}

// RFC 5321 §4.1.2: a dot-string of atoms, or a quoted string; RFC 6531 §3.3 adds what is beyond ASCII.
const localPart =
  /^(?:[!#-'*+\-/-9=?A-Z^-~\u{a0}-\u{10ffff}]+(?:\.[!#-'*+\-/-9=?A-Z^-~\u{a0}-\u{10ffff}]+)*|"(?:[ !#-[\]-~\u{a0}-\u{10ffff}]|\\[ -~])*")$/u

export function parseMailbox(text: string): Mailbox | undefined {
  const at = text.lastIndexOf('@')
  if (at < 1 || text.length > 320) return undefined
  const local = text.slice(0, at)
  const host = text.slice(at + 1).toLowerCase()
  return localPart.test(local) && isDomainName(host) ? { local: unquoted(local), host } : undefined
}

/** RFC 5321 §4.1.2: "a" and a are one local part; an exclusion of one must not be passed by the other. */
function unquoted(local: string): string {
  return local.startsWith('"') ? local.slice(1, -1).replace(/\\(.)/g, '$1') : local
}

// RFC 3986 §2: what a URI may consist of. A backslash, for one, ends the host for some readers and not for others.
const uriCharacters = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/
// §3.2: scheme ":" "//" [ userinfo "@" ] host [ ":" port ]
const uriAuthority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#@]*@)?([^/?#@:[\]]+|\[[^/?#@[\]]*\])(?::\d*)?(?:[/?#]|$)/

/** The host of a URI in lower case; undefined where it has no authority or no host (RFC 5280 §4.2.1.10 then refuses it). */
export function uriHost(text: string): string | undefined {
  return uriCharacters.test(text) ? uriAuthority.exec(text)?.[1]?.toLowerCase() : undefined
}
