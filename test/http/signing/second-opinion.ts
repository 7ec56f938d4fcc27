import { spawnSync } from 'node:child_process'
import type { JsonWebKey } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { signingAlgorithm } from '@mmf/framework'
import { ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'

/** Why OpenSSL cannot be asked, or false when it can. */
export const opensslMissing =
  spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not on the PATH: nothing to compare with'

interface Signed {
  readonly algorithm: Parameters<typeof signingAlgorithm>[0]
  /** PEM of the published key. */
  readonly pem: string
  readonly signature: Uint8Array
}

/** What `openssl dgst -verify` says about a document. */
export function opensslVerifiesDocument(folder: string, signed: Signed, document: Uint8Array): boolean {
  const { hash = '' } = signingAlgorithm(signed.algorithm)
  const options = paddingOf(signed).flatMap(option => ['-sigopt', option])
  const files = store(folder, { document, ...signed })
  return succeeds(['dgst', `-${hash}`, ...options, '-verify', files.pem, '-signature', files.signature, files.document])
}

/** What `openssl pkeyutl -verify` says about a digest. */
export function opensslVerifiesDigest(folder: string, signed: Signed, digest: Uint8Array): boolean {
  const { hash = '' } = signingAlgorithm(signed.algorithm)
  const options = [`digest:${hash}`, ...paddingOf(signed)].flatMap(option => ['-pkeyopt', option])
  const files = store(folder, { document: digest, ...signed })
  const given = ['-pubin', '-inkey', files.pem, '-in', files.document, '-sigfile', files.signature]
  return succeeds(['pkeyutl', '-verify', ...given, ...options])
}

/** PSS: MGF1 with the same hash, salt as long as the digest. Said outright, so that OpenSSL accepts nothing else. */
function paddingOf({ algorithm }: Signed): string[] {
  const { scheme, hash, saltBytes } = signingAlgorithm(algorithm)
  return scheme === 'rsa-pss' ? ['rsa_padding_mode:pss', `rsa_pss_saltlen:${saltBytes}`, `rsa_mgf1_md:${hash}`] : []
}

const succeeds = (parameters: string[]) => spawnSync('openssl', parameters).status === 0

function store(folder: string, contents: { pem: string; signature: Uint8Array; document: Uint8Array }) {
  const at = (name: string) => join(folder, name)
  writeFileSync(at('key.pem'), contents.pem)
  writeFileSync(at('signature'), contents.signature)
  writeFileSync(at('document'), contents.document)
  return { pem: at('key.pem'), signature: at('signature'), document: at('document') }
}

const mlDsa = { 'ML-DSA-44': ml_dsa44, 'ML-DSA-65': ml_dsa65, 'ML-DSA-87': ml_dsa87 }

/** What an implementation in JavaScript says about an ML-DSA signature of a document. */
export function nobleVerifiesDocument(
  algorithm: keyof typeof mlDsa,
  jwk: JsonWebKey & { readonly pub?: string },
  signature: Uint8Array,
  document: Uint8Array,
): boolean {
  return mlDsa[algorithm].verify(signature, document, Buffer.from(jwk.pub ?? '', 'base64url'))
}
