/** A `.test` file of google/boringssl, `verify_certificate_chain_unittest`: one chain and how it is to be judged. */
export interface BsslChainTest {
  /** The PEM file with the chain, target first, relative to the `.test` file. */
  readonly chain: string
  /** How the last certificate of the chain is trusted. */
  readonly lastCertTrust: string
  readonly time: Date
  readonly keyPurpose: string
  readonly digestPolicy: string
  /** Policies that a valid path is to come out with, as OIDs. */
  readonly policies: ReadonlySet<string>
  /** Whether an error is expected; warnings alone leave the path valid. */
  readonly fails: boolean
}

/** What `DEFAULT` stands for as the time. */
const defaultTime = '211005120000Z'
const errors = 'expected_errors:'
const required = ['chain', 'last_cert_trust', 'utc_time', 'key_purpose'] as const
const fieldNames: ReadonlySet<string> = new Set([...required, 'digest_policy', 'expected_user_constrained_policy_set'])

/**
 * Reads a `.test` file: lines `name: value`, comments after `#`, and from `expected_errors:` on the text of what is expected.
 *
 * @throws Error that names the line, for a field that is unknown, repeated or missing, and for a time that is none
 */
export function parseBsslChainTest(text: string): BsslChainTest {
  const fields = new Map<string, string>()
  const lines = text.split('\n').map(line => line.trim())
  const end = lines.indexOf(errors)
  if (end === -1) throw new Error(`${errors} is missing`)
  for (const line of lines.slice(0, end)) {
    if (line === '' || line.startsWith('#')) continue
    const [, name = '', value = ''] = /^(\w+):\s*(.*)$/.exec(line) ?? []
    if (!fieldNames.has(name)) throw new Error(`unknown line: ${line.slice(0, 100)}`)
    if (fields.has(name)) throw new Error(`${name} stands twice`)
    fields.set(name, value)
  }
  const field = (name: (typeof required)[number]): string => {
    const value = fields.get(name)
    if (value === undefined || value === '') throw new Error(`${name}: is missing`)
    return value
  }
  const policies = fields.get('expected_user_constrained_policy_set') ?? ''
  return {
    chain: field('chain'),
    lastCertTrust: field('last_cert_trust'),
    time: readUtcTime(field('utc_time')),
    keyPurpose: field('key_purpose'),
    // The reader there allows SHA-1 unless the file says otherwise.
    digestPolicy: fields.get('digest_policy') ?? 'ALLOW_SHA_1',
    policies: new Set(
      policies
        .split(',')
        .map(policy => policy.trim())
        .filter(policy => policy !== ''),
    ),
    fails: lines.slice(end + 1).some(line => line.startsWith('ERROR: ')),
  }
}

/** UTCTime, YYMMDDhhmmssZ (X.680 §47); the century by RFC 5280 §4.1.2.5.1. */
function readUtcTime(text: string): Date {
  const value = text === 'DEFAULT' ? defaultTime : text
  const parts = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/.exec(value)?.slice(1)
  if (parts === undefined) throw new Error(`utc_time: '${text.slice(0, 40)}' is no UTCTime`)
  const [year, month, ...rest] = parts.map(Number) as [number, number, number, number, number, number]
  const time = new Date(Date.UTC(year < 50 ? 2000 + year : 1900 + year, month - 1, ...rest))
  const again = time.toISOString().replace(/[-:T]/g, '').slice(2, 14)
  if (`${again}Z` !== value) throw new Error(`utc_time: '${text}' is no moment`)
  return time
}
