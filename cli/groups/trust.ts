import { FileError } from '../commands/cert-file.ts'
import { type TrustAddOptions, trustAdd, trustStatus } from '../commands/trust-change.ts'
import { trustDiff } from '../commands/trust-diff.ts'
import { trustHistory } from '../commands/trust-history.ts'
import { type TrustImportOptions, trustImport } from '../commands/trust-import.ts'
import { type TrustListOptions, trustList } from '../commands/trust-list.ts'
import { type ConnectionFlags, clientOf, overHttp, withConnection } from '../http/connection.ts'
import { createProgress } from '../http/progress.ts'
import type { CommandResult } from '../result.ts'
import type { CommandGroup } from './group.ts'

interface ImportFlags extends ConnectionFlags, Omit<TrustImportOptions, 'file' | 'compatibilities'> {
  readonly compatibility: readonly string[]
}
interface AddFlags extends ConnectionFlags, Omit<TrustAddOptions, 'file' | 'purposes'> {
  readonly purpose: readonly string[]
}
type ListFlags = ConnectionFlags & TrustListOptions
type ReasonFlags = ConnectionFlags & { readonly reason: string; readonly json?: boolean }
type JsonFlags = ConnectionFlags & { readonly json?: boolean }

const several = (value: string, before: readonly string[]) => [...before, value]

export const trustGroup: CommandGroup = (cli, done) => {
  const trust = cli.command('trust').description('trust anchors and master lists, over HTTP')
  withConnection(
    trust.command('import').description('import a signed CSCA master list; exit code 1 where it is refused'),
  )
    .argument('<file>', 'the signed list, as published')
    .requiredOption('--source <name>', 'whose list it is; a newer one of the same source takes its place')
    .option('--trusted-signer <sha256>', 'the CSCA to trust its signer under, where the store trusts none yet')
    .option('--compatibility <name>', 'allow a named departure from the standard; may be repeated', several, [])
    .option('--dry-run', 'say what it would change')
    .option('--force', 'take it though it is older than the last one')
    .option('--json', 'print JSON')
    .action(async (file: string, { compatibility, ...flags }: ImportFlags) => {
      const options = { file, ...flags, compatibilities: compatibility }
      done(await guarded(() => trustImport(clientOf(flags), options, createProgress(process.stderr))))
    })
  withConnection(trust.command('add').description('add a trust anchor'))
    .argument('<file>', 'one certificate, PEM or DER')
    .requiredOption('--purpose <name>', 'what it is trusted for; may be repeated', several, [])
    .option('--provenance <text>', 'where it comes from')
    .option('--allow-not-self-signed', 'accept a CA that another key has certified')
    .option('--json', 'print JSON')
    .action(async (file: string, { purpose, ...flags }: AddFlags) =>
      done(await guarded(() => trustAdd(clientOf(flags), { file, ...flags, purposes: purpose }))),
    )
  withConnection(trust.command('list').description('list what is trusted'))
    .option('--country <code>', 'two letters')
    .option('--status <status>', 'trusted, distrusted or ended')
    .option('--purpose <name>', 'csca, master-list-signer, tls …')
    .option('--kind <kind>', 'anchor (default), link or quarantined')
    .option('--expiring-within-days <number>', 'only what ends so soon')
    .option('--as-of <time>', 'as it stood then, RFC 3339')
    .option('--json', 'print JSON')
    .action(async ({ url, token, ...filters }: ListFlags) => {
      const client = clientOf({ url, token })
      done(await guarded(() => trustList(client, filters, createProgress(process.stderr))))
    })
  trust
    .command('diff')
    .description('compare two master lists, offline and without verifying them')
    .argument('<first>', 'a signed list')
    .argument('<second>', 'another one')
    .option('--json', 'print JSON')
    .action(async (first: string, second: string, flags: { json?: boolean }) =>
      done(await guarded(async () => trustDiff(first, second, flags))),
    )
  for (const action of ['distrust', 'restore'] as const) {
    const what = action === 'distrust' ? 'take the trust in a certificate away' : 'take a distrust back'
    withConnection(trust.command(action).description(what))
      .argument('<anchor>', 'SHA-256 of the certificate')
      .requiredOption('--reason <text>', 'why; it is kept, and verdicts name it')
      .option('--json', 'print JSON')
      .action(async (anchorId: string, flags: ReasonFlags) =>
        done(await guarded(() => trustStatus(clientOf(flags), action, { anchorId, ...flags }))),
      )
  }
  withConnection(trust.command('history').description('what happened to a certificate, or to the whole store'))
    .argument('[anchor]', 'SHA-256 of the certificate')
    .option('--json', 'print JSON')
    .action(async (anchorId: string | undefined, flags: JsonFlags) => {
      const { json = false } = flags
      const options = { json, anchorId }
      done(await guarded(() => trustHistory(clientOf(flags), options)))
    })
}

/** What the server or the disk refuses is one line. */
async function guarded(work: () => Promise<CommandResult>): Promise<CommandResult> {
  try {
    return await overHttp(work)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { stderr: `${error.message}\n`, exitCode: 2 }
  }
}
