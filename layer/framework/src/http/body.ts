import { MmfError } from '../errors/mmf-error.ts'
import type { HttpEvent } from './lambda-types.ts'

const jsonType = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i

/** Deepest nesting of a JSON body; JSON.parse itself has no bound. */
const maxDepth = 32

/**
 * The JSON body, checked in the order size, type, syntax.
 * @throws {MmfError} `payload_too_large`, `unsupported_media_type`, `malformed_json`
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
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    // The parser's message quotes the body, so it is not passed on.
    throw new MmfError('malformed_json', { detail: text === '' ? 'the body is empty' : 'it cannot be parsed', cause })
  }
  if (depthOf(value) > maxDepth) {
    throw new MmfError('malformed_json', { detail: `nested deeper than ${maxDepth} levels` })
  }
  return value
}

/** Nesting depth, counted level by level so that a deep body cannot exhaust the stack. */
function depthOf(root: unknown): number {
  let depth = 0
  let level: unknown[] = [root]
  while (level.length > 0 && depth <= maxDepth + 1) {
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) next.push(child)
    }
    if (next.length === 0) return depth
    level = next
    depth += 1
  }
  return depth
}
