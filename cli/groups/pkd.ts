import type { CommandRow } from '../command.ts'
import { outputFile } from './output-option.ts'

export const pkdCommands: readonly CommandRow[] = [
  {
    path: 'pkd lookup',
    summary: 'find a public key; exit code 1 where there is none',
    options: [
      { name: 'subject', value: 'name', summary: 'distinguished name, RFC 4514: "CN=DSC 1,O=Utopia,C=UT"' },
      { name: 'key-identifier', value: 'hex', summary: 'subject key identifier' },
      { name: 'country', value: 'code', summary: 'narrows the others down' },
      { name: 'issuer', value: 'name', summary: 'with --serial' },
      { name: 'serial', value: 'hex', summary: 'serial number, with --issuer' },
      { name: 'fingerprint', value: 'hex', summary: 'SHA-256 of the certificate' },
      { name: 'pem', summary: 'print the certificate' },
    ],
    connection: true,
    examples: [
      { call: 'pkd lookup --subject "CN=DSC 1,O=Utopia,C=UT" --pem', says: 'the certificate of a document signer' },
    ],
    async run(call) {
      const { pkdLookup } = await import('../commands/pkd-lookup.ts')
      const { serial, ...given } = call.given('subject', 'keyIdentifier', 'country', 'issuer', 'serial', 'fingerprint')
      const reference = { ...given, serialNumber: serial }
      return pkdLookup(await call.client(), { ...reference, pem: call.on('pem'), json: call.json })
    },
  },
  {
    path: 'pkd import',
    summary: 'import a file into the directory; exit code 1 where the import fails',
    arguments: [{ name: 'file', summary: 'LDIF of the ICAO PKD, certificates, CRLs or a master list', kind: 'file' }],
    options: [
      {
        name: 'kind',
        value: 'kind',
        summary: 'what it is; default by its contents',
        allowed: ['ldif', 'certificate', 'crl', 'masterList'],
      },
      { name: 'source', value: 'name', summary: 'where it comes from, as entries will say' },
      { name: 'no-wait', summary: 'do not wait until it is done' },
    ],
    connection: true,
    examples: [{ call: "pkd import --source 'icao 001' icaopkd-001.ldif", says: 'a download of the ICAO PKD' }],
    async run(call) {
      const { pkdImport } = await import('../commands/pkd-import.ts')
      const { createProgress } = await import('../http/progress.ts')
      const options = {
        file: call.argument('file'),
        ...call.given('kind', 'source'),
        wait: !call.on('no-wait'),
        json: call.json,
      }
      return pkdImport(await call.client(), options, createProgress(process.stderr))
    },
  },
  {
    path: 'pkd export',
    summary: 'write a collection of the directory',
    options: [
      { name: 'format', value: 'format', summary: 'of the output', fallback: 'ldif', allowed: ['ldif', 'json', 'pem'] },
      {
        name: 'collection',
        value: 'number',
        summary: 'of the ICAO PKD',
        fallback: '001',
        allowed: ['001', '002', '003'],
      },
      outputFile,
    ],
    connection: true,
    document: true,
    exits: ['incomplete'],
    examples: [
      { call: 'pkd export --collection 003 --output icaopkd-003.ldif', says: 'non-conformant signers, as LDIF' },
    ],
    async run(call) {
      const { pkdExport } = await import('../commands/pkd-export.ts')
      const { createProgress } = await import('../http/progress.ts')
      const { writing } = await import('../output-file.ts')
      const client = await call.client()
      const flags = { format: call.value('format'), collection: call.value('collection') }
      return writing(call.text('output'), write => pkdExport(client, flags, write, createProgress(process.stderr)))
    },
  },
]
