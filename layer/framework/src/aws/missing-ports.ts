import type { Blobs } from '../blobs/blobs.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { KeyProvider } from '../keys/key-provider.ts'

// A function that was given no client for a port refuses whatever would need it.

const refused = async (): Promise<never> => {
  throw new MmfError('key_service_refused', { detail: 'this function has no KMS client' })
}

/** Verifying needs no provider, so a function without KMS still verifies. */
export const noKeyProvider: KeyProvider = {
  create: refused,
  sign: refused,
  publicKey: refused,
  health: async () => ({ status: 'healthy' }),
}

const unavailable = async (): Promise<never> => {
  throw new MmfError('service_unavailable', { detail: 'this function has no S3 client' })
}

export const noBlobs: Blobs = {
  put: unavailable,
  get: unavailable,
  head: unavailable,
  delete: unavailable,
  list: unavailable,
  presignGet: unavailable,
  presignPut: unavailable,
}
