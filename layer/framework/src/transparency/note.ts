import { createHash, createPublicKey, verify } from 'node:crypto'

/** Signature types of C2SP signed-note: an Ed25519 signature of the text, and a witness' cosignature with its time (C2SP tlog-cosignature). */
export const noteKeyTypes = { ed25519: 0x01, cosignature: 0x04 } as const

/** Who signs notes. A name alone or an id alone says nothing (C2SP signed-note, "Signatures"). */
export interface NoteKey {
  readonly name: string
  /** The first four bytes of a hash of name, type and key, as hex. */
  readonly id: string
  readonly type: number
  /** 32 bytes (RFC 8032 §5.1.5). */
  readonly publicKey: Uint8Array
}

/** One line of a note: `— <name> <base64>`. */
export interface NoteSignature {
  readonly name: string
  readonly id: string
  readonly signature: Uint8Array
}

export interface Note {
  /** With its last line feed: what is signed. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A verifier takes at least 16 signatures (C2SP signed-note, "Format"); more than these are taken for an attack. */
const maxSignatures = 64
const maxNoteBytes = 64 * 1024
/** Not empty, no Unicode space, no plus. */
const keyName = /^[^\s+\p{Zs}\p{C}]{1,255}$/u

export const isNoteKeyName = (name: string): boolean => keyName.test(name)

/** The key ID that C2SP signed-note recommends. */
export function noteKey(name: string, type: number, publicKey: Uint8Array): NoteKey {
  const hash = createHash('sha256').update(`${name}\n`).update(Uint8Array.of(type)).update(publicKey).digest()
  return { name, id: hash.subarray(0, 4).toString('hex'), type, publicKey }
}

/** `<name>+<id>+<base64 of type and key>`: the text form of a verifier's key, as golang.org/x/mod/sumdb/note has it. */
export const writeNoteKey = ({ name, id, type, publicKey }: NoteKey): string =>
  `${name}+${id}+${Buffer.from([type, ...publicKey]).toString('base64')}`

/** The key in its text form; undefined for what is none, of another type, or whose id is not that of name and key. */
export function readNoteKey(text: string): NoteKey | undefined {
  const [name = '', id = '', encoded = '', ...rest] = text.trim().split('+')
  // Base64 has plus signs of its own.
  const bytes = canonicalBase64([encoded, ...rest].join('+'))
  const types: readonly number[] = Object.values(noteKeyTypes)
  if (!isNoteKeyName(name) || bytes?.length !== 33 || !types.includes(bytes[0] ?? 0)) return undefined
  const key = noteKey(name, bytes[0] ?? 0, Uint8Array.from(bytes.subarray(1)))
  return key.id === id.toLowerCase() ? key : undefined
}

export const signatureLine = ({ name, id, signature }: NoteSignature): string =>
  `— ${name} ${Buffer.concat([Buffer.from(id, 'hex'), signature]).toString('base64')}\n`

export const writeNote = ({ text, signatures }: Note): string => `${text}\n${signatures.map(signatureLine).join('')}`

/** One line without its line feed; undefined for what is none. */
export function readSignatureLine(line: string): NoteSignature | undefined {
  const [, name = '', encoded = ''] = /^— (\S+) (\S+)$/.exec(line) ?? []
  const bytes = canonicalBase64(encoded)
  if (!isNoteKeyName(name) || bytes === undefined || bytes.length < 5) return undefined
  return { name, id: bytes.subarray(0, 4).toString('hex'), signature: Uint8Array.from(bytes.subarray(4)) }
}

/** A note as C2SP signed-note has it; undefined for anything else. Nothing is verified here. */
export function readNote(given: string): Note | undefined {
  if (given.length > maxNoteBytes || !given.isWellFormed() || hasControls(given)) return undefined
  const at = given.lastIndexOf('\n\n')
  if (at < 1 || !given.endsWith('\n')) return undefined
  const lines = given.slice(at + 2, -1).split('\n')
  const signatures = lines.flatMap(line => readSignatureLine(line) ?? [])
  if (signatures.length !== lines.length || lines.length > maxSignatures) return undefined
  return { text: given.slice(0, at + 1), signatures }
}

/**
 * The keys whose signatures a note bears. Signatures of unknown keys are ignored, one of a known key that does not verify makes the whole note
 * worthless (C2SP signed-note, "Signatures").
 */
export function signersOf({ text, signatures }: Note, known: readonly NoteKey[]): readonly NoteKey[] | 'forged' {
  const signers: NoteKey[] = []
  for (const { name, id, signature } of signatures) {
    const key = known.find(candidate => candidate.name === name && candidate.id === id)
    if (key === undefined) continue
    if (!verifies(key, text, signature)) return 'forged'
    if (!signers.includes(key)) signers.push(key)
  }
  return signers
}

/** When a witness says that it saw the checkpoint: seconds since 1970. */
export const cosignedAt = ({ signature }: Pick<NoteSignature, 'signature'>): bigint =>
  Buffer.from(signature).readBigUInt64BE(0)

function verifies({ type, publicKey }: NoteKey, text: string, signature: Uint8Array): boolean {
  if (type === noteKeyTypes.ed25519) return verifiesEd25519(publicKey, Buffer.from(text), signature)
  if (type !== noteKeyTypes.cosignature || signature.length !== 72) return false
  // C2SP tlog-cosignature, "Ed25519 signed message".
  const message = Buffer.from(`cosignature/v1\ntime ${cosignedAt({ signature })}\n${text}`)
  return verifiesEd25519(publicKey, message, signature.subarray(8))
}

function verifiesEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') }
  return signature.length === 64 && verify(null, message, createPublicKey({ key: jwk, format: 'jwk' }), signature)
}

/** RFC 4648 §4; undefined for any other spelling of the bytes. */
function canonicalBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined
}

/** ASCII control characters other than the line feed. */
const hasControls = (text: string): boolean =>
  [...text].some(character => character < '\u0020' && character !== '\n') || text.includes('\u007f')
