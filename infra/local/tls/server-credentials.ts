import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { MmfError } from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'

/** The `tls` section, where there is one. */
export type TlsConfig = NonNullable<BaseConfig['tls']>

/** A server certificate with its key, checked against each other and against the time. */
export interface ServerCredentials {
  /** PEM: the certificate, then its intermediates. */
  readonly certificate: string
  /** PEM. */
  readonly key: string
  readonly notAfter: Date
  /** SHA-256, lower-case hexadecimal. */
  readonly fingerprint: string
}

interface Source {
  readonly tls: Pick<TlsConfig, 'certificate' | 'key'>
  /** Paths are relative to this. */
  readonly configDir: string
  readonly now: Date
}

const maxBytes = 1_000_000
const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/**
 * Reads both files. What a client would refuse, or a stranger could read, stops the start instead.
 * @throws {MmfError} `config_invalid` naming the setting, the file and what is expected
 */
export function readCredentials({ tls, configDir, now }: Source): ServerCredentials {
  const certificate = opened('certificate', resolve(configDir, tls.certificate))
  const key = opened('key', resolve(configDir, tls.key))
  if ((key.mode & 0o077) !== 0 && process.platform !== 'win32') {
    throw key.refusal(`other users can read it (mode ${(key.mode & 0o777).toString(8)}): chmod 600 it`)
  }
  if (process.platform !== 'win32' && key.uid !== process.getuid?.() && key.uid !== 0) {
    throw key.refusal('it belongs to another user, who could put another key there')
  }
  const leaf = certificatesOf(certificate)[0] as X509Certificate
  const { validFromDate: notBefore, validToDate: notAfter } = leaf
  if (now < notBefore) throw certificate.refusal(`it is not valid before ${notBefore.toISOString()}`)
  if (now > notAfter) throw certificate.refusal(`it expired at ${notAfter.toISOString()}`)
  if (!leaf.checkPrivateKey(privateKeyOf(key))) {
    throw key.refusal(`it is not the key of the certificate in ${certificate.path}`)
  }
  checkStrength(certificate, key, leaf)
  return {
    certificate: certificate.text,
    key: key.text,
    notAfter,
    fingerprint: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

/** OpenSSL refuses what its security level calls weak; asked here, it does so before anything listens. */
function checkStrength(certificate: Opened, key: Opened, { signatureAlgorithm = '' }: X509Certificate): void {
  const tooWeak = (cause?: unknown) =>
    certificate.refusal(
      'key or signature are too weak for TLS: expected are RSA of at least 2048 bits or an elliptic curve, and SHA-2',
      cause,
    )
  // RFC 9155 §2, §3: neither MD5 nor SHA-1. OpenSSL lets its own certificate pass.
  if (/md5|sha-?1$|sha1with/i.test(signatureAlgorithm)) throw tooWeak()
  try {
    createSecureContext({ cert: certificate.text, key: key.text })
  } catch (cause) {
    throw tooWeak(cause)
  }
}

interface Opened {
  readonly path: string
  readonly text: string
  readonly mode: number
  readonly uid: number
  refusal(reason: string, cause?: unknown): MmfError
}

/** Mode and owner are those of what is read, whatever is put in its place meanwhile. */
function opened(setting: 'certificate' | 'key', path: string): Opened {
  const refusal = (reason: string, cause?: unknown) =>
    new MmfError('config_invalid', { detail: `base.yaml, tls.${setting}: ${path}: ${reason}`, cause })
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw refusal(code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : `it cannot be read (${code})`)
  }
  try {
    const status = fstatSync(file)
    if (!status.isFile() || status.size > maxBytes) throw refusal(`a file of at most ${maxBytes} bytes is expected`)
    return { path, text: readFileSync(file, 'utf8'), mode: status.mode, uid: status.uid, refusal }
  } finally {
    closeSync(file)
  }
}

function certificatesOf({ text, refusal }: Opened): readonly X509Certificate[] {
  const blocks = text.match(pemCertificate) ?? []
  if (blocks.length === 0) throw refusal('there is no certificate in it (PEM is expected)')
  return blocks.map((block, position) => {
    try {
      return new X509Certificate(block)
    } catch (cause) {
      throw refusal(`certificate ${position + 1} cannot be read`, cause)
    }
  })
}

function privateKeyOf({ text, refusal }: Opened): KeyObject {
  if (text.includes('ENCRYPTED'))
    throw refusal('it is sealed with a passphrase; a key that only its user can read is expected')
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw refusal('there is no private key in it (PEM is expected)', cause)
  }
}
