import type { CommandRow, OptionRow } from '../command.ts'
import { outputFile } from './output-option.ts'

export const auditCommands: readonly CommandRow[] = [
  exportRow(
    'signatures',
    'the audit records of signatures',
    [
      { name: 'document-hash', value: 'hex', summary: 'of the document' },
      { name: 'algorithm', value: 'name', summary: 'signed with' },
    ],
    'audit export signatures --from 2026-01-01 --output signatures.ndjson',
  ),
  exportRow(
    'verdicts',
    'the stored verdicts',
    [
      { name: 'certificate', value: 'hex', summary: 'SHA-256 of the certificate in question' },
      { name: 'result', value: 'result', summary: 'what the verdict says', allowed: ['valid', 'invalid'] },
    ],
    'audit export verdicts --from 2026-01-01 --result invalid',
  ),
  {
    path: 'audit export log',
    summary: 'the audit log with all records, for `audit verify`',
    options: [outputFile],
    connection: true,
    document: true,
    exits: ['incomplete'],
    examples: [
      { call: 'audit export log --output log.ndjson', says: 'records, then leaves and checkpoint, one a line' },
    ],
    async run(call) {
      const { auditExport } = await import('../commands/audit-export.ts')
      const { createProgress } = await import('../http/progress.ts')
      const { writing } = await import('../output-file.ts')
      const client = await call.client()
      const progress = createProgress(process.stderr)
      return writing(call.text('output'), write => auditExport(client, 'log', {}, write, progress))
    },
  },
  {
    path: 'audit verify',
    summary: 'finds records that were changed, removed, inserted or reordered past the log; offline',
    arguments: [{ name: 'file', kind: 'file', summary: 'as `audit export log` wrote it' }],
    options: [
      {
        name: 'key',
        value: 'key',
        required: true,
        repeatable: true,
        summary: 'of the log, as GET /v1/audit/keys said it when it was trusted',
      },
      {
        name: 'checkpoint',
        value: 'file',
        kind: 'file',
        repeatable: true,
        summary: 'kept from earlier: the log must go on from it',
      },
    ],
    exits: ['invalid'],
    examples: [
      {
        call: 'audit verify log.ndjson --key marty.internal/audit+0f3a5b7c+AVd… --checkpoint january.txt',
        says: '6 where anything was changed, and what it was',
      },
    ],
    async run(call) {
      const { auditVerify } = await import('../commands/audit-verify.ts')
      const options = {
        file: call.argument('file'),
        keys: call.all('key'),
        checkpoints: call.all('checkpoint'),
        json: call.json,
      }
      return auditVerify(options, call.colours)
    },
  },
]

function exportRow(
  what: 'signatures' | 'verdicts',
  summary: string,
  own: readonly OptionRow[],
  example: string,
): CommandRow {
  return {
    path: `audit export ${what}`,
    summary,
    options: [
      { name: 'from', value: 'time', summary: 'made at this time or later: a day, or RFC 3339' },
      { name: 'to', value: 'time', summary: 'made before this time' },
      { name: 'principal', value: 'subject', summary: 'asked for by' },
      outputFile,
      ...own,
    ],
    connection: true,
    document: true,
    exits: ['incomplete'],
    examples: [{ call: example, says: 'one record a line, newest first' }],
    async run(call) {
      const { auditExport } = await import('../commands/audit-export.ts')
      const { createProgress } = await import('../http/progress.ts')
      const { writing } = await import('../output-file.ts')
      const client = await call.client()
      const filter = {
        ...call.given('from', 'to', 'principal'),
        ...(what === 'signatures' ? call.given('documentHash', 'algorithm') : call.given('certificate', 'result')),
      }
      const progress = createProgress(process.stderr)
      return writing(call.text('output'), write => auditExport(client, what, filter, write, progress))
    },
  }
}
