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
