import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Environment } from '../contract/environment.ts'

/** What a key says of where it is good. */
const codes: Readonly<Record<Environment, string>> = {
  development: 'dev',
  testing: 'test',
  staging: 'stag',
  production: 'prod',
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** 16 characters hold 95 bits, so that no id comes twice; 43 hold 256. */
const idLength = 16
const secretLength = 43
const checksumLength = 6

const form = /^mk_(dev|test|stag|prod)_([0-9A-Za-z]{16})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})$/

/** An API key, taken apart. */
export interface ApiKeyText {
  readonly id: string
  readonly secret: string
}

/** A new key: `mk_<environment>_<id>_<secret><checksum>`. The form and the checksum let secret scanners find one that leaked, without asking the platform. */
export function newApiKey(environment: Environment): ApiKeyText & { readonly text: string } {
  const id = random(idLength)
  const secret = random(secretLength)
  const body = `mk_${codes[environment]}_${id}_${secret}`
  return { id, secret, text: `${body}${checksum(body)}` }
}

/** The parts of a key, or what is wrong with it, in words that repeat nothing of it. */
export function readApiKey(text: string, environment: Environment): ApiKeyText | string {
  const [, code, id, secret, sum] = form.exec(text) ?? []
  if (id === undefined || secret === undefined) {
    return 'expected mk_<environment>_<id>_<secret>: 16 and 49 letters and digits'
  }
  if (checksum(text.slice(0, -checksumLength)) !== sum) return 'its checksum does not fit: it was cut or mistyped'
  if (code !== codes[environment]) return `it is for another environment; this one is ${environment}`
  return { id, secret }
}

function random(length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
}

/** CRC-32 in base 62, as other tokens with a recognisable form have it. It finds mistakes and proves nothing. */
function checksum(body: string): string {
  let rest = crc32(body)
  let digits = ''
  for (let n = 0; n < checksumLength; n += 1) {
    digits = `${alphabet[rest % alphabet.length]}${digits}`
    rest = Math.floor(rest / alphabet.length)
  }
  return digits
}
