import type { CommandRow } from '../command.ts'
import { outputFile } from './output-option.ts'

export const documentCommands: readonly CommandRow[] = [
  {
    path: 'sign',
    summary: 'sign a file: its digest is made here, and only that is sent',
    arguments: [{ name: 'file', summary: 'a file of any size; - reads standard input', kind: 'file' }],
    options: [
      {
        name: 'algorithm',
        value: 'name',
        summary: 'as the server allows them; ML-DSA sends the file itself',
        fallback: 'RSA-SHA256',
      },
      { name: 'format', value: 'name', summary: 'how an ECDSA signature is written', allowed: ['der', 'p1363'] },
      { name: 'idempotency-key', value: 'key', summary: 'sent again with the same key: one signature, one record' },
      outputFile,
    ],
    connection: true,
    document: true,
    examples: [
      { call: 'sign contract.pdf --output contract.sig.json', says: 'the signature with its key and record, as JSON' },
      { call: 'sign --algorithm ECDSA-SHA256 - < contract.pdf', says: 'what comes in by a pipe' },
    ],
    async run(call) {
      const { signFile } = await import('../commands/sign.ts')
      const given = call.given('format', 'idempotencyKey', 'output')
      return signFile(await call.client(), {
        file: call.argument('file'),
        algorithm: call.value('algorithm'),
        ...given,
      })
    },
  },
  {
    path: 'verify',
    summary: 'verify the signature of a file; exit code 6 where it does not verify',
    arguments: [{ name: 'file', summary: 'a file of any size; - reads standard input', kind: 'file' }],
    options: [
      { name: 'signature', value: 'file', summary: 'the signature as `sign` wrote it', kind: 'file' },
      { name: 'signature-id', value: 'id', summary: 'instead: the id of its record, for those who may read it' },
    ],
    connection: true,
    exits: ['invalid'],
    examples: [
      { call: 'verify contract.pdf --signature contract.sig.json', says: 'VALID, or INVALID with the reason' },
      { call: 'verify contract.pdf --signature-id 0196f3a2-6c1f-7c0e-a1b5-0d5b6f2f9c11', says: 'by its record' },
    ],
    async run(call) {
      const { verifyFile } = await import('../commands/verify.ts')
      const { json, colours } = call
      const given = call.given('signature', 'signatureId')
      return verifyFile(await call.client(), { file: call.argument('file'), json, ...given }, colours)
    },
  },
]
