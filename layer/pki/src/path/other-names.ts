import { domainToASCII } from 'node:url'
import { oids } from '../der/oid-names.ts'
import { parseDer } from '../der/reader.ts'
import { readString } from '../der/strings.ts'
import { tags } from '../der/tags.ts'
import { isPkiError } from '../errors.ts'
import type { GeneralName } from '../x509/general-name.ts'

type OtherName = Extract<GeneralName, { readonly kind: 'otherName' }>
type Twin = Extract<GeneralName, { readonly kind: 'rfc822Name' | 'dNSName' }>

/** How a form of otherName carries a name that has a form of its own. */
interface TwinForm {
  readonly kind: Twin['kind']
  readonly tag: number
  /** The twin's text; undefined where the text is no name of this form. */
  readonly textOf: (text: string) => string | undefined
}

const twinForms: Readonly<Record<string, TwinForm>> = {
  // RFC 9598 §6: the constraints on rfc822Name are those of every mailbox, compared with the domain in A-labels.
  [oids.smtpUTF8Mailbox]: {
    kind: 'rfc822Name',
    tag: tags.UTF8_STRING,
    textOf: text => {
      const at = text.lastIndexOf('@')
      const host = domainOf(text.slice(at + 1))
      return at < 1 || host === undefined || text.startsWith('\ufeff') ? undefined : `${text.slice(0, at)}@${host}`
    },
  },
  // RFC 4985 §2: _service.domain. Its own constraints (§4) say more; those on dNSName bind the domain all the same.
  [oids.dnsSRV]: { kind: 'dNSName', tag: tags.IA5_STRING, textOf: text => parseServiceName(text)?.domain },
  // RFC 7585 §2.2: a realm is a domain, and may have a wildcard for its first label.
  [oids.naiRealm]: {
    kind: 'dNSName',
    tag: tags.UTF8_STRING,
    textOf: text => {
      const wildcard = text.startsWith('*.')
      const domain = domainOf(wildcard ? text.slice(2) : text)
      return domain === undefined || !wildcard ? domain : `*.${domain}`
    },
  },
  // RFC 6120 §13.7.1.4, RFC 7622 §3.1: [localpart@]domainpart[/resourcepart].
  [oids.xmppAddr]: {
    kind: 'dNSName',
    tag: tags.UTF8_STRING,
    textOf: text => {
      const [address = ''] = text.split('/', 1)
      return domainOf(address.slice(address.indexOf('@') + 1))
    },
  },
}

/** The form that an otherName has a twin in; undefined for a form without one. */
export function twinKind({ typeId }: OtherName): Twin['kind'] | undefined {
  return twinForms[typeId]?.kind
}

/**
 * The name that an otherName carries as a name of a form that constraints are written for. `malformed` where it should carry one.
 * Undefined for a form without a twin: a Kerberos principal or a user principal name is no mailbox and no domain.
 */
export function twinOf(name: OtherName): Twin | 'malformed' | undefined {
  const form = twinForms[name.typeId]
  if (form === undefined) return undefined
  const text = otherNameText(name, form.tag)
  const value = text === undefined ? undefined : form.textOf(text)
  return value === undefined ? 'malformed' : { kind: form.kind, value }
}

/** A service and a domain of RFC 4985; in a constraint either may be absent. */
export interface ServiceName {
  /** With its underscore, lower case. */
  readonly service: string | undefined
  readonly domain: string | undefined
}

const servicePattern = /^(_[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(?:\.(.+))?$/i

/** `_service.domain`; undefined where either part is missing. */
export function parseServiceName(text: string): (Required<ServiceName> & { readonly domain: string }) | undefined {
  const { service, domain } = parseServiceConstraint(text)
  return service === undefined || domain === undefined ? undefined : { service, domain }
}

/** `_service.domain`, `_service` or `domain` (RFC 4985 §4). */
export function parseServiceConstraint(text: string): ServiceName {
  const match = servicePattern.exec(text)
  if (match === null) return { service: undefined, domain: text.toLowerCase() }
  return { service: match[1]?.toLowerCase(), domain: match[2]?.toLowerCase() }
}

/** The text of an otherName whose value is one string of this type; undefined where it is not. */
export function otherNameText({ value }: OtherName, tag: number): string | undefined {
  try {
    const element = parseDer(value)
    return element.tag === tag ? readString(element) : undefined
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return undefined
  }
}

/** In A-labels; undefined for what is none. */
function domainOf(text: string): string | undefined {
  if (/^[\x21-\x7e]+$/.test(text)) return text
  const ascii = domainToASCII(text)
  return ascii === '' ? undefined : ascii
}
