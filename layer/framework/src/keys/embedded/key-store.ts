import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { MmfError } from '../../errors/mmf-error.ts'
import { createDurably } from './durable-file.ts'
import { type KeyStoreSecret, resolveSecret } from './key-store-secret.ts'

const base64 = z.base64()
const Sealed = z.strictObject({ nonce: base64, ciphertext: base64, tag: base64 })
type Sealed = z.infer<typeof Sealed>

/** `store.json`: how the secret becomes the key, and a sealed constant that distinguishes a wrong secret from a damaged file. */
const StoreFile = z.strictObject({
  format: z.literal('mmf-key-store'),
  version: z.literal(1),
  // The upper bound keeps a tampered file from taking all memory (128 · N · r bytes).
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    cost: z
      .int()
      .min(2 ** 14)
      .max(2 ** 20),
    blockSize: z.literal(8),
    parallelization: z.int().min(1).max(16),
    salt: base64,
  }),
  check: Sealed,
})

/** `<name>.json`: a private key as PKCS#8, sealed with AES-256-GCM; what is readable beside it is authenticated with it. */
const EntryFile = z.strictObject({
  format: z.literal('mmf-key'),
  version: z.literal(1),
  label: z.string(),
  sealed: Sealed,
})

export interface KeyStoreOptions {
  /** The folder of the key files; made with mode 0700. */
  readonly directory: string
  readonly secret: KeyStoreSecret
  /** scrypt's N for a new store: a power of two, at least 2^14; default 2^15 with p = 3, about 0.2 s once per process. */
  readonly scryptCost?: number
}

/** Sealed secrets in files, one each, never changed once written. */
export interface KeyStore {
  /** False when there is an entry of this name already. `label` is kept readable, and authenticated. */
  write(name: string, label: string, secret: Uint8Array): Promise<boolean>
  /** Undefined when there is none. @throws {MmfError} `key_service_refused` when the file is damaged or another's. */
  read(name: string): Promise<{ label: string; secret: Buffer } | undefined>
}

/**
 * Opens the store, or makes it when the folder has none.
 * @throws {MmfError} `config_invalid` for everything wrong with the secret, a wrong one included; `key_service_refused` for a
 * damaged `store.json`
 */
export async function openKeyStore(options: KeyStoreOptions): Promise<KeyStore> {
  const { directory } = options
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, 'store.json')
  const existing = await readIfThere(path)
  const secret = await resolveSecret(options.secret, { directory, mayCreate: existing === undefined })
  if (existing === undefined) await createStore(path, secret, options.scryptCost ?? 2 ** 15)
  // Read back also after making it: of two instances that start together, one was first.
  const file = parse(StoreFile, await readFile(path, 'utf8'), path)
  const key = await deriveKey(secret, file.kdf)
  if (unseal(key, 'store', file.check) === undefined)
    throw new MmfError('config_invalid', {
      detail: `the secret does not open the keys in ${directory}: it is not the one they were made with`,
    })
  return {
    write(name, label, plain) {
      const entry: z.infer<typeof EntryFile> = {
        format: 'mmf-key',
        version: 1,
        label,
        sealed: seal(key, context(name, label), plain),
      }
      return createDurably(entryPath(directory, name), `${JSON.stringify(entry, undefined, 2)}\n`)
    },
    async read(name) {
      const text = await readIfThere(entryPath(directory, name))
      if (text === undefined) return undefined
      const { label, sealed } = parse(EntryFile, text, name)
      const plain = unseal(key, context(name, label), sealed)
      if (plain === undefined) throw damaged(name)
      return { label, secret: plain }
    },
  }
}

async function createStore(path: string, secret: Uint8Array, cost: number): Promise<void> {
  const salt = randomBytes(32).toString('base64')
  const parallelization = cost > 2 ** 14 ? 3 : 1
  const kdf = { name: 'scrypt' as const, cost, blockSize: 8 as const, parallelization, salt }
  const check = seal(await deriveKey(secret, kdf), 'store', Buffer.from('mmf-key-store'))
  const file: z.infer<typeof StoreFile> = { format: 'mmf-key-store', version: 1, kdf, check }
  await createDurably(path, `${JSON.stringify(file, undefined, 2)}\n`)
}

/** scrypt (RFC 7914). */
function deriveKey(secret: Uint8Array, kdf: z.infer<typeof StoreFile>['kdf']): Promise<Buffer> {
  const { cost, blockSize, parallelization, salt } = kdf
  const maxmem = 256 * cost * blockSize
  return new Promise((resolve, reject) => {
    scrypt(secret, Buffer.from(salt, 'base64'), 32, { cost, blockSize, parallelization, maxmem }, (error, key) => {
      if (error === null) resolve(key)
      else reject(new MmfError('config_invalid', { detail: `scrypt with N=${cost} is not possible`, cause: error }))
    })
  })
}

/** AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: a store holds far fewer keys than the 2^32 that allows. */
function seal(key: Buffer, context: string, plain: Uint8Array): Sealed {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context))
  const ciphertext = Buffer.concat([cipher.update(plain), cipher.final()])
  return {
    nonce: nonce.toString('base64'),
    ciphertext: ciphertext.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
  }
}

/** Undefined when key, context or bytes are not those that were sealed. */
function unseal(key: Buffer, context: string, sealed: Sealed): Buffer | undefined {
  const bytes = (text: string) => Buffer.from(text, 'base64')
  const nonce = bytes(sealed.nonce)
  const tag = bytes(sealed.tag)
  if (nonce.length !== 12 || tag.length !== 16) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 })
  decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
  const plain = decipher.update(bytes(sealed.ciphertext))
  try {
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return undefined
  }
}

// An entry copied to another name does not open.
const context = (name: string, label: string) => JSON.stringify(['mmf-key', 1, name, label])

function entryPath(directory: string, name: string): string {
  // Names become file names: no separators, no dots.
  if (!/^[\w-]{1,128}$/.test(name)) throw new MmfError('key_service_refused', { detail: 'no such key in this store' })
  return join(directory, `${name}.json`)
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw new MmfError('key_service_unavailable', { detail: `${path} cannot be read`, cause: error })
  }
}

function parse<T>(schema: z.ZodType<T>, text: string, name: string): T {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw damaged(name, cause)
  }
}

function damaged(name: string, cause?: unknown): MmfError {
  return new MmfError('key_service_refused', {
    detail: `the key file ${name} is damaged; restore it from a backup`,
    cause,
  })
}
