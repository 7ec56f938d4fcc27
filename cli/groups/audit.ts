import type { Command } from 'commander'
import { type AuditExportOptions, auditExport, type exportNames } from '../commands/audit-export.ts'
import { type ConnectionFlags, clientOf, overHttp, withConnection } from '../http/connection.ts'
import { createProgress } from '../http/progress.ts'
import { intoFile, toStdout } from '../output-file.ts'
import type { CommandGroup } from './group.ts'

interface ExportFlags extends ConnectionFlags, AuditExportOptions {
  readonly output?: string
}

export const auditGroup: CommandGroup = (cli, done) => {
  const audit = cli.command('audit').description('records of signatures and verdicts, over HTTP; for auditors')
  const exporting = audit
    .command('export')
    .description('write records as NDJSON, newest first; exit code 0 all is written')
  const command = (what: keyof typeof exportNames, description: string) =>
    withConnection(exporting.command(what).description(description))
      .option('--from <time>', 'made at this time or later: a day, or RFC 3339')
      .option('--to <time>', 'made before this time')
      .option('--principal <subject>', 'asked for by')
      .option('--output <file>', 'default standard output; the file appears when it is whole')
  const run = (what: keyof typeof exportNames, added: Command) =>
    added.action(async ({ url, token, output, ...filter }: ExportFlags) => {
      const client = clientOf({ url, token })
      const progress = createProgress(process.stderr)
      const work = (write: (text: string) => Promise<void>) =>
        overHttp(() => auditExport(client, what, filter, write, progress))
      done(await (output === undefined ? work(toStdout) : intoFile(output, work)))
    })
  run(
    'signatures',
    command('signatures', 'the audit records of signatures')
      .option('--document-hash <hex>', 'of the document')
      .option('--algorithm <name>', 'signed with'),
  )
  run(
    'verdicts',
    command('verdicts', 'the stored verdicts')
      .option('--certificate <hex>', 'SHA-256 of the certificate in question')
      .option('--result <result>', 'valid, invalid'),
  )
}
