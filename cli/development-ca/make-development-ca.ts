import { issueCertificate, newKey, type Wanted } from './issue-certificate.ts'

export interface DevelopmentCaOptions {
  /** Common names of the clients; the names of their files follow from them. */
  readonly clients: readonly string[]
  /** What the server answers at, beside this machine. */
  readonly hosts: readonly string[]
  readonly days: number
  readonly now: Date
}

/** A file to be written; a key is for its owner's eyes only. */
export interface MadeFile {
  readonly name: string
  readonly text: string
  readonly isKey: boolean
}

const day = 86_400_000
/** A clock that is a little behind takes it all the same. */
const backdatedMs = 5 * 60_000
const thisMachine = ['localhost', '127.0.0.1', '::1']

/** An authority of its own, a server certificate for this machine, and one certificate for each client, all new. */
export function makeDevelopmentCa({ clients, hosts, days, now }: DevelopmentCaOptions): readonly MadeFile[] {
  const key = newKey()
  const dates = {
    notBefore: new Date(now.getTime() - backdatedMs),
    notAfter: new Date(now.getTime() + days * day),
  }
  // No two authorities have one name: with two of them installed, a client would build the wrong path.
  const commonName = `Development CA of ${now.toISOString()}`
  const issuer = { commonName, key }
  const pair = (name: string, wanted: Omit<Wanted, 'key' | keyof typeof dates>) => {
    const own = wanted.usage === 'authority' ? key : newKey()
    const certificate = issueCertificate({ ...wanted, ...dates, key: own }, issuer)
    return [
      { name: `${name}.pem`, text: pemOf(certificate), isKey: false },
      { name: `${name}.key`, text: String(own.privateKey.export({ format: 'pem', type: 'pkcs8' })), isKey: true },
    ]
  }
  return [
    ...pair('ca', { commonName, usage: 'authority' }),
    ...pair('server', { commonName: 'localhost', usage: 'server', hosts: [...new Set([...thisMachine, ...hosts])] }),
    ...clients.flatMap(client => pair(client, { commonName: client, usage: 'client' })),
  ]
}

const pemOf = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`
