import { MmfError } from '../errors/mmf-error.ts'
import { type JsonFault, parseStrictJson } from '../json/strict-json.ts'
import type { HttpEvent } from './lambda-types.ts'

const jsonType = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i

/**
 * Bounds of a JSON body. The largest that an operation takes, a batch of 1,000 certificates with all that may help, has 6,100 elements. Larger ones
 * are refused before they become objects: checking 250,000 unknown members took 0.6 s of every request's time.
 */
const limits = { depth: 32, members: 5000, elements: 20_000 } as const

/**
 * The JSON body, checked in the order size, type, syntax.
 * @throws {MmfError} `payload_too_large`, `unsupported_media_type`; `malformed_json`, which names a member that is there twice by its path;
 *   `validation_failed` for a member that no schema can have
 */
export function readJsonBody(event: HttpEvent, maxBytes: number): unknown {
  const raw = event.body ?? ''
  const size = event.isBase64Encoded ? Math.floor((raw.length * 3) / 4) : Buffer.byteLength(raw)
  if (size > maxBytes) {
    throw new MmfError('payload_too_large', { detail: `the body has ${size} bytes; at most ${maxBytes} are allowed` })
  }
  const type = event.headers['content-type'] ?? ''
  if (!jsonType.test(type)) {
    const received = type === '' ? 'no content type' : JSON.stringify(type.slice(0, 80))
    throw new MmfError('unsupported_media_type', { detail: `received ${received}; allowed: application/json` })
  }
  const coding = event.headers['content-encoding'] ?? 'identity'
  if (coding.trim().toLowerCase() !== 'identity') {
    // RFC 9110 §15.5.16 and §12.5.3: 415 also stands for a coding, and says which ones are taken.
    const detail = `received the content coding ${JSON.stringify(coding.slice(0, 80))}; send the body as it is`
    throw new MmfError('unsupported_media_type', { detail, headers: { 'accept-encoding': 'identity' } })
  }
  return parseJson(event.isBase64Encoded ? decodeUtf8(Buffer.from(raw, 'base64')) : raw)
}

/** The bytes of the body as received, for the idempotency hash. */
export function rawBody(event: HttpEvent): Uint8Array {
  return Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new MmfError('malformed_json', { detail: 'the body is not UTF-8', cause })
  }
}

function parseJson(text: string): unknown {
  const result = parseStrictJson(text, limits)
  if ('fault' in result) throw refusal(result.fault)
  return result.value
}

function refusal({ kind, reason, path }: JsonFault): MmfError {
  if (kind === 'count') {
    return new MmfError('payload_too_large', { detail: `the body has ${reason}` })
  }
  if (kind === 'reserved') {
    const errors = [{ path: path ?? '', message: 'unknown field', code: 'unknown_field' }]
    return new MmfError('validation_failed', { detail: `${path}: unknown field`, errors })
  }
  if (kind === 'syntax') return new MmfError('malformed_json', { detail: `the body: ${reason}` })
  const errors = path === undefined ? [] : [{ path, message: reason, code: kind }]
  return new MmfError('malformed_json', { detail: `${path || 'the body'}: ${reason}`, errors })
}
