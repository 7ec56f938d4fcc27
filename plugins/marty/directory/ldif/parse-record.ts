import { type LdifAttribute, LdifError } from './ldif-item.ts'

export interface PhysicalLine {
  readonly line: number
  /** Without the line terminator. */
  readonly bytes: Buffer
}

/** A line as it was before folding: attribute description and value specification (RFC 2849, note 2). */
interface LogicalLine {
  readonly line: number
  readonly description: string
  readonly kind: 'text' | 'base64' | 'url'
  readonly value: string
}

const space = 0x20
const descriptionPattern = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)(?:;[A-Za-z0-9-]+)*$/
const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/

/**
 * One record from its lines; undefined where there is only the version.
 * @param onName called with the distinguished name as soon as it is known, for the report of what goes wrong later
 * @throws {LdifError}
 */
export function parseRecord(
  physical: readonly PhysicalLine[],
  first: boolean,
  onName: (dn: string) => void,
): { dn: string; attributes: readonly LdifAttribute[] } | undefined {
  const lines = unfold(physical)
  if (first && /^version:/i.test(lines[0]?.text ?? '')) checkVersion(take(lines))
  const name = take(lines)
  if (name === undefined) return undefined
  if (name.description.toLowerCase() !== 'dn') {
    throw new LdifError('ldif_syntax', name.line, 'the record does not start with dn')
  }
  const dn = utf8(bytesOf(name), name.line)
  onName(dn)
  refuseChanges(lines)
  const attributes = lines.map(line => attributeOf(logicalLine(line)))
  if (attributes.length === 0) throw new LdifError('ldif_syntax', name.line, 'the record has no attributes')
  return { dn, attributes }
}

interface UnfoldedLine {
  readonly line: number
  readonly text: string
}

function take(lines: UnfoldedLine[]): LogicalLine | undefined {
  const line = lines.shift()
  return line === undefined ? undefined : logicalLine(line)
}

function unfold(physical: readonly PhysicalLine[]): UnfoldedLine[] {
  const lines: UnfoldedLine[] = []
  let at = 0
  while (at < physical.length) {
    const head = physical[at]
    if (head === undefined) break
    if (head.bytes[0] === space) throw new LdifError('ldif_syntax', head.line, 'a folded line continues nothing')
    let end = at + 1
    while (physical[end]?.bytes[0] === space) end += 1
    const parts = physical.slice(at, end).map(({ bytes }, i) => bytes.toString('latin1', i === 0 ? 0 : 1))
    lines.push({ text: parts.join(''), line: head.line })
    at = end
  }
  return lines
}

/** `description:value`, `description::base64`, `description:<url`; spaces after the colons are filling. */
function logicalLine({ text, line }: UnfoldedLine): LogicalLine {
  const colon = text.indexOf(':')
  const description = text.slice(0, Math.max(colon, 0))
  if (colon < 1 || description.length > 256 || !descriptionPattern.test(description)) {
    throw new LdifError('ldif_syntax', line, 'the line is no attribute')
  }
  const marker = text[colon + 1]
  const kind = marker === ':' ? 'base64' : marker === '<' ? 'url' : 'text'
  let from = colon + (kind === 'text' ? 1 : 2)
  while (text[from] === ' ') from += 1
  return { line, description, kind, value: text.slice(from) }
}

function checkVersion(line: LogicalLine | undefined): void {
  if (line !== undefined && (line.kind !== 'text' || line.value !== '1')) {
    throw new LdifError('ldif_version_unsupported', line.line)
  }
}

/** Controls and changetype stand right after the name (RFC 2849, ldif-change-record). */
function refuseChanges(lines: UnfoldedLine[]): void {
  const [next] = lines
  if (next === undefined) return
  if (/^control:/i.test(next.text)) throw new LdifError('ldif_change_refused', next.line, 'controls are not taken')
  if (!/^changetype:/i.test(next.text)) return
  const change = logicalLine(next)
  if (utf8(bytesOf(change), next.line).toLowerCase() !== 'add') throw new LdifError('ldif_change_refused', next.line)
  lines.shift()
}

function attributeOf(line: LogicalLine): LdifAttribute {
  const [name = '', ...options] = line.description.toLowerCase().split(';')
  if (name === 'dn') throw new LdifError('ldif_syntax', line.line, 'a second dn; an empty line is missing')
  return { name, options, value: bytesOf(line), line: line.line }
}

function bytesOf({ kind, value, line }: LogicalLine): Uint8Array {
  if (kind === 'url') throw new LdifError('ldif_url_refused', line)
  if (kind === 'base64') return base64(value, line)
  // SAFE-STRING: ASCII without NUL, LF and CR; it does not start with a space, a colon or "<".
  if (/[\0\n\r\u0080-\u00ff]/.test(value)) throw new LdifError('ldif_not_ascii', line)
  return Buffer.from(value, 'latin1')
}

/** Canonical, so that two different texts never mean the same bytes (RFC 4648 §3.5). Blanks at the end are filling. */
function base64(value: string, line: number): Uint8Array {
  const text = value.trimEnd()
  if (text.length % 4 !== 0 || !base64Pattern.test(text)) throw new LdifError('ldif_base64', line)
  const bytes = Buffer.from(text, 'base64')
  const last = text.slice(-4)
  if (last.endsWith('=') && Buffer.from(last, 'base64').toString('base64') !== last)
    throw new LdifError('ldif_base64', line)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function utf8(bytes: Uint8Array, line: number): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new LdifError('ldif_not_utf8', line)
  }
}
