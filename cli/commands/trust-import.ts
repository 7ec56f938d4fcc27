import { defined } from '@mmf/framework'
import { readBytes } from '../files.ts'
import type { ApiClient } from '../http/api-client.ts'
import type { Progress } from '../http/progress.ts'
import { printable } from '../printable.ts'
import type { CommandResult } from '../result.ts'

export interface TrustImportOptions {
  readonly file: string
  readonly source: string
  /** SHA-256 of the anchor to trust the signer under. */
  readonly trustedSigner?: string
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly compatibilities?: readonly string[]
  readonly json?: boolean
}

interface Difference {
  readonly fingerprint: string
  readonly subject: string
  readonly country: string
  readonly kind: string
}

interface Answer {
  readonly proposalId?: string
  readonly dryRun?: true
  readonly generation?: number
  readonly signingTime?: string
  readonly counts?: Readonly<Record<string, number>>
  readonly added?: readonly Difference[]
  readonly removed?: readonly Difference[]
  readonly changed?: readonly Difference[]
}

/** `mmf-cli trust import FILE`: 0 it is in force, compared, or waits for approval. @throws {Failure} */
export async function trustImport(
  client: ApiClient,
  options: TrustImportOptions,
  progress: Progress,
): Promise<CommandResult> {
  const { file, source, trustedSigner, dryRun = false, force = false, compatibilities = [], json = false } = options
  const bytes = readBytes(file)
  const body = {
    masterList: Buffer.from(bytes).toString('base64'),
    source,
    ...defined({ trustedSigner }),
    ...(dryRun ? { dryRun } : {}),
    ...(force ? { force } : {}),
    ...(compatibilities.length === 0 ? {} : { compatibilities }),
  }
  progress.update(0, undefined, `${file}: ${bytes.length} bytes, being judged`)
  try {
    const answer = await client.json<Answer>('POST', '/v1/trust-anchors/master-lists', body)
    return { stdout: json ? `${JSON.stringify(answer, undefined, 2)}\n` : describe(answer, source), exitCode: 0 }
  } finally {
    progress.end()
  }
}

function describe(answer: Answer, source: string): string {
  const { proposalId, generation, signingTime = '', counts = {}, added = [], removed = [], changed = [] } = answer
  if (proposalId !== undefined) return `proposal ${proposalId} waits for another administrator\n`
  const differences = [...lines('+', added), ...lines('-', removed), ...lines('~', changed)]
  const head = answer.dryRun === true ? 'nothing was changed' : `generation ${generation}`
  const text = Object.entries(counts).map(([name, count]) => `${name} ${count}`)
  return `${differences.join('')}${source} of ${signingTime}: ${head}\n${text.join(', ')}\n`
}

const lines = (mark: string, differences: readonly Difference[]) =>
  differences.map(({ fingerprint, subject, country, kind }) => {
    return `${mark} ${printable(country).padEnd(3)}${fingerprint} ${kind.padEnd(11)} ${printable(subject)}\n`
  })
