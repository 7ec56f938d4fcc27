import { exportCollections, exportFormats, pkdExport } from '../commands/pkd-export.ts'
import { importKinds, pkdImport } from '../commands/pkd-import.ts'
import { type PkdLookupOptions, pkdLookup } from '../commands/pkd-lookup.ts'
import { type ConnectionFlags, clientOf, overHttp, withConnection } from '../http/connection.ts'
import { createProgress } from '../http/progress.ts'
import { intoFile, toStdout } from '../output-file.ts'
import type { CommandGroup } from './group.ts'

interface LookupFlags extends ConnectionFlags, Omit<PkdLookupOptions, 'serialNumber'> {
  readonly serial?: string
}

interface ImportFlags extends ConnectionFlags {
  readonly kind?: string
  readonly source?: string
  readonly wait: boolean
  readonly json?: boolean
}

interface ExportFlags extends ConnectionFlags {
  readonly format: string
  readonly collection: string
  readonly output?: string
}

export const pkdGroup: CommandGroup = (cli, done) => {
  const pkd = cli.command('pkd').description('the public key directory, over HTTP')
  withConnection(pkd.command('lookup').description('find a public key; exit code 0 found, 1 not'))
    .option('--subject <name>', 'distinguished name, RFC 4514: "CN=DSC 1,O=Utopia,C=UT"')
    .option('--key-identifier <hex>', 'subject key identifier')
    .option('--country <code>', 'narrows the others down')
    .option('--issuer <name>', 'with --serial')
    .option('--serial <hex>', 'serial number, with --issuer')
    .option('--fingerprint <hex>', 'SHA-256 of the certificate')
    .option('--pem', 'print the certificate')
    .option('--json', 'print JSON')
    .action(async ({ url, token, serial, ...flags }: LookupFlags) => {
      const client = clientOf({ url, token })
      const serialNumber = { serialNumber: serial }
      done(await overHttp(() => pkdLookup(client, { ...flags, ...serialNumber })))
    })
  withConnection(pkd.command('import').description('import a file into the directory; exit code 0 done, 1 failed'))
    .argument('<file>', 'LDIF of the ICAO PKD, certificates, CRLs or a master list')
    .option('--kind <kind>', `what it is: ${importKinds.join(', ')}; default by its contents`)
    .option('--source <name>', 'where it comes from, as entries will say')
    .option('--no-wait', 'do not wait until it is done')
    .option('--json', 'print JSON')
    .action(async (file: string, { url, token, ...flags }: ImportFlags) => {
      const client = clientOf({ url, token })
      done(await overHttp(() => pkdImport(client, { file, ...flags }, createProgress(process.stderr))))
    })
  withConnection(pkd.command('export').description('write a collection of the directory'))
    .option('--format <format>', exportFormats.join(', '), 'ldif')
    .option('--collection <number>', exportCollections.join(', '), '001')
    .option('--output <file>', 'default standard output; the file appears when it is whole')
    .action(async ({ url, token, output, ...flags }: ExportFlags) => {
      const client = clientOf({ url, token })
      const progress = createProgress(process.stderr)
      const exporting = (write: (text: string) => Promise<void>) =>
        overHttp(() => pkdExport(client, flags, write, progress))
      done(await (output === undefined ? exporting(toStdout) : intoFile(output, exporting)))
    })
}
