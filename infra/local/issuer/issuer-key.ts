import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { MmfError } from '@mmf/framework'

/** Where the issuer's key lies: apart from the document keys, so that neither can be taken for the other. */
export function issuerKeyFile(dataDirectory: string): string {
  return join(dataDirectory, 'issuer', 'token-key.pem')
}

/**
 * The private P-256 key of the local issuer: PKCS#8 PEM, owner only (0600). Made when it is not there; when two processes make it at
 * once, both use the one that came first.
 *
 * @throws {MmfError} `data_folder_unusable` when the file is readable by others or holds no P-256 key
 */
export function loadIssuerKey(dataDirectory: string): KeyObject {
  const file = issuerKeyFile(dataDirectory)
  return readKey(file) ?? createKey(dataDirectory, file)
}

function readKey(file: string): KeyObject | undefined {
  const status = statSync(file, { throwIfNoEntry: false })
  if (status === undefined) return undefined
  // Windows has no such mode bits; its files inherit the rights of the user's folder.
  if (process.platform !== 'win32' && (status.mode & 0o077) !== 0) {
    throw unusable(`${file}: the token key may be read by others; run chmod 600 on it or delete it to get a new one`)
  }
  const key = parseKey(readFileSync(file, 'utf8'))
  if (key?.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw unusable(`${file}: not a P-256 private key; restore it, or delete it to get a new one`)
  return key
}

const unusable = (detail: string) => new MmfError('data_folder_unusable', { detail })

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

function createKey(dataDirectory: string, file: string): KeyObject {
  mkdirSync(join(dataDirectory, 'issuer'), { recursive: true, mode: 0o700 })
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  writeDurably(draft, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  try {
    // A link appears whole or not at all, and never replaces another process's key.
    linkSync(draft, file)
    return privateKey
  } catch (error) {
    const first = readKey(file)
    if (first === undefined) throw error
    return first
  } finally {
    rmSync(draft)
  }
}

function writeDurably(file: string, text: string | Buffer): void {
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    writeSync(descriptor, text.toString())
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
