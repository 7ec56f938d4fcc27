import { randomBytes } from 'node:crypto'
import { mkdir, open, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { MmfError } from '../../errors/mmf-error.ts'
import { createDurably } from './durable-file.ts'

/** What opens the key store: a passphrase, or a file that holds one. */
export type KeyStoreSecret = { readonly passphrase: string } | { readonly file: string }

/** The environment variable with the passphrase of the key store. */
const passphraseVariable = 'MARTY_KEYS_PASSPHRASE'

/** Characters. A shorter passphrase from the environment is refused: scrypt slows guessing down, it does not prevent it. */
const shortestPassphrase = 12

/** The passphrase of the environment when it is set, else the owner-only file. */
export function keyStoreSecret(
  environment: Readonly<Record<string, string | undefined>>,
  file: string,
): KeyStoreSecret {
  const passphrase = environment[passphraseVariable]
  return passphrase === undefined ? { file } : { passphrase }
}

/**
 * The bytes of the secret. A file that is missing is made, with 32 random bytes, only when `mayCreate`: a store that exists
 * already could not be opened with a new secret.
 * @throws {MmfError} `config_invalid`: passphrase too short; file missing, readable by others, not the caller's, no plain file, or
 * inside the store's own folder
 */
export async function resolveSecret(
  secret: KeyStoreSecret,
  store: { readonly directory: string; readonly mayCreate: boolean },
): Promise<Uint8Array> {
  if ('passphrase' in secret) {
    if (secret.passphrase.length < shortestPassphrase)
      throw invalid(`${passphraseVariable} must have at least ${shortestPassphrase} characters`)
    return Buffer.from(secret.passphrase.normalize('NFC'))
  }
  const path = await checkApart(secret.file, store.directory, store.mayCreate)
  return (await read(path)) ?? (store.mayCreate ? create(path) : missing(path))
}

/** The secret beside the keys would protect nothing: one copied folder would hold both. */
async function checkApart(file: string, directory: string, mayCreate: boolean): Promise<string> {
  const folder = dirname(resolve(file))
  if (mayCreate) await mkdir(folder, { recursive: true, mode: 0o700 })
  const real = await realpath(folder).catch(() => missing(file))
  const way = relative(await realpath(directory), real)
  if (way === '' || !(way.startsWith('..') || isAbsolute(way)))
    throw invalid(`the secret file ${file} must not lie in the folder of the keys it protects`)
  return join(real, basename(file))
}

/** Reads through one open file, so that what was checked is what is read. Undefined when there is none. */
async function read(path: string): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return undefined
    throw invalid(`the secret file ${path} cannot be opened (${error.code})`)
  })
  if (file === undefined) return undefined
  try {
    const { mode, uid, size } = await file.stat()
    if ((mode & 0o170000) !== 0o100000 || size > 4096)
      throw invalid(`the secret file ${path} is not a small plain file`)
    // Windows keeps no such bits: the folder's access control has to do it there, and the documentation says so.
    if (process.platform !== 'win32') {
      if ((mode & 0o077) !== 0) throw invalid(`the secret file ${path} can be read by others: chmod 600 it`)
      if (uid !== process.getuid?.()) throw invalid(`the secret file ${path} belongs to another user`)
    }
    const secret = (await file.readFile('utf8')).trim()
    if (secret.length < shortestPassphrase) throw invalid(`the secret file ${path} is empty or too short`)
    return Buffer.from(secret)
  } finally {
    await file.close()
  }
}

async function create(path: string): Promise<Uint8Array> {
  await createDurably(path, `${randomBytes(32).toString('base64url')}\n`)
  // Read back, because another instance may have been first.
  return (await read(path)) ?? missing(path)
}

function missing(file: string): never {
  throw invalid(`the secret file ${file} is missing; without it, or ${passphraseVariable}, the keys cannot be opened`)
}

function invalid(detail: string): MmfError {
  return new MmfError('config_invalid', { detail })
}
