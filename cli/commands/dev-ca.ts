import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type MadeFile, makeDevelopmentCa } from '../development-ca/make-development-ca.ts'
import { failure } from '../failure.ts'
import { fileFailure } from '../files.ts'
import type { CommandResult } from '../result.ts'

export interface DevCaOptions {
  readonly folder: string
  readonly clients: readonly string[]
  readonly hosts: readonly string[]
  /** As it was written. */
  readonly days: string
  readonly json: boolean
}

const clientName = /^[a-z0-9][a-z0-9_-]{0,62}$/
const hostName = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/
/** Longer than any certificate should live, even here. */
const maxDays = 3650

/** An authority for development with certificates for a server and for clients, in new files of their owner. @throws {Failure} */
export function devCa({ folder, json, ...given }: DevCaOptions): CommandResult {
  const { clients, hosts, days } = given
  check(
    '--client',
    clients,
    name => clientName.test(name) && name !== 'ca' && name !== 'server',
    'a name such as client or ci-runner',
  )
  check(
    '--server-name',
    hosts,
    name => hostName.test(name) && name.length < 254,
    'a DNS name in lower case, or an IPv4 address',
  )
  check(
    '--days',
    [days],
    text => /^[1-9]\d*$/.test(text) && Number(text) <= maxDays,
    `a whole number from 1 to ${maxDays}`,
  )
  if (new Set(clients).size !== clients.length) throw failure('usage_invalid', '--client: a name is given twice')
  const files = makeDevelopmentCa({ clients, hosts, days: Number(days), now: new Date() })
  const path = resolve(folder)
  write(path, files)
  if (json) {
    const made = files.map(({ name, isKey }) => ({ path: join(path, name), isKey }))
    return { stdout: `${JSON.stringify({ folder: path, files: made }, undefined, 2)}\n`, exitCode: 0 }
  }
  return { stdout: explanation(folder, files, clients), exitCode: 0 }
}

function check(option: string, values: readonly string[], isGood: (value: string) => boolean, expected: string): void {
  const wrong = values.find(value => !isGood(value))
  if (wrong !== undefined)
    throw failure('usage_invalid', `${option}: ${JSON.stringify(wrong)}; expected is ${expected}`)
}

/** Nothing that is there is touched: a key that is lost cannot be made again. @throws {Failure} `file_exists`, `output_unwritable` */
function write(folder: string, files: readonly MadeFile[]): void {
  const there = files.map(({ name }) => join(folder, name)).filter(path => existsSync(path))
  if (there.length > 0) {
    throw failure(
      'file_exists',
      `${there.join(', ')}: nothing was written; name another folder with --out, or remove it`,
    )
  }
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const { name, text, isKey } of files) {
      writeFileSync(join(folder, name), text, { flag: 'wx', mode: isKey ? 0o600 : 0o644 })
    }
  } catch (error) {
    const known = fileFailure(folder, error)
    if (known === error) throw error
    throw failure('output_unwritable', `${folder} cannot be written (${(error as NodeJS.ErrnoException).code})`, error)
  }
}

function explanation(folder: string, files: readonly MadeFile[], [client = '']: readonly string[]): string {
  const at = (name: string) => quoted(join(folder, name))
  const absolute = (name: string) => quoted(resolve(folder, name))
  return `Made in ${folder}: ${files.map(({ name }) => name).join(', ')}

Serve HTTPS with them, to these clients only:
  MMF__tls__certificate=${absolute('server.pem')} \\
  MMF__tls__key=${absolute('server.key')} \\
  MMF__tls__client_certificates=require MMF__client_certificates__authorities=${absolute('ca.pem')} \\
  npm start

Ask with a client certificate:
  curl --cacert ${at('ca.pem')} --cert ${at(`${client}.pem`)} --key ${at(`${client}.key`)} https://127.0.0.1:8080/health

They are for development: who has ca.key can be any client. Keep it out of version control.
`
}

/** For a POSIX shell, where it needs quotes. */
const quoted = (text: string) => (/^[\w./@:+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
