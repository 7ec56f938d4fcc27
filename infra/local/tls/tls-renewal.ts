import type { Clock, Logger } from '@mmf/framework'
import { readCredentials, type TlsConfig } from './server-credentials.ts'
import type { TlsMaterial, TlsOptions } from './tls-server.ts'

interface RenewalOptions {
  readonly tls: TlsConfig
  readonly configDir: string
  readonly clock: Clock
  /** PEM of the authorities whose client certificates are taken now. */
  readonly authorities: () => Promise<readonly string[]>
}

/** The TLS of a gateway, kept up to date. */
export interface TlsRenewal {
  readonly options: TlsOptions
  /** Looks at files and authorities now. What is refused is logged, and what was there stays. */
  refresh(): Promise<void>
  /** Takes over what is renewed, within ten seconds, until it is closed. */
  start(renew: (material: TlsMaterial) => void, logger: Logger): void
  close(): void
}

/** Two small files are read each time: links whose target is swapped, and folders that are mounted, raise no event everywhere. */
const pollMs = 10_000
const day = 86_400_000
/** An operator wants to know before clients do. */
const warnDays = 14

/** @throws {MmfError} `config_invalid` where certificate and key are no use as they are */
export async function openTls({ tls, configDir, clock, authorities }: RenewalOptions): Promise<TlsRenewal> {
  const read = () => readCredentials({ tls, configDir, now: clock.now() })
  let current = read()
  let trusted = await authorities()
  let refused = ''
  let warned = ''
  let renew: (material: TlsMaterial) => void = () => {}
  let logger: Logger | undefined
  let timer: NodeJS.Timeout | undefined
  let running = Promise.resolve()
  const material = (): TlsMaterial => ({ ...current, authorities: trusted })

  const warnOfExpiry = () => {
    const days = Math.floor((current.notAfter.getTime() - clock.now().getTime()) / day)
    if (days >= warnDays || warned === `${current.fingerprint} ${days}`) return
    warned = `${current.fingerprint} ${days}`
    logger?.warn('the certificate of the server expires soon', { days, notAfter: current.notAfter.toISOString() })
  }

  async function look(): Promise<void> {
    try {
      const [fresh, known] = [read(), await authorities()]
      const isRenewed = fresh.certificate !== current.certificate || fresh.key !== current.key
      if (isRenewed || known.join() !== trusted.join()) {
        renew({ ...fresh, authorities: known })
        ;[current, trusted] = [fresh, known]
        const { fingerprint, notAfter } = fresh
        if (isRenewed)
          logger?.info('the certificate of the server was renewed', { fingerprint, notAfter: notAfter.toISOString() })
        else logger?.info('the authorities of client certificates have changed', { authorities: known.length })
      }
      refused = ''
    } catch (error) {
      // Said once, not at each look: the next one may find the second of two files written.
      const text = String(error)
      if (text !== refused) logger?.error('the certificate of the server stays: what was found is refused', { error })
      refused = text
    }
    warnOfExpiry()
  }

  const refresh = () => {
    running = running.then(look)
    return running
  }

  return {
    options: { minimumVersion: tls.minimum_version, clientCertificates: tls.client_certificates, material: material() },
    refresh,
    start(take, log) {
      ;[renew, logger] = [take, log]
      warnOfExpiry()
      timer = setInterval(() => void refresh(), pollMs).unref()
    },
    close() {
      clearInterval(timer)
    },
  }
}
