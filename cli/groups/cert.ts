import { profiles } from '@mmf/pki'
import { certInspect } from '../commands/cert-inspect.ts'
import { certValidate } from '../commands/cert-validate.ts'
import type { CommandGroup } from './group.ts'

interface ValidateFlags {
  readonly anchor: readonly string[]
  readonly intermediate?: readonly string[]
  readonly crl?: readonly string[]
  readonly ocsp?: readonly string[]
  readonly profile: string
  readonly time?: string
  readonly host?: string
  readonly revocation?: string
  readonly compatibility?: readonly string[]
  readonly json?: boolean
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

export const certGroup: CommandGroup = (cli, done) => {
  const cert = cli.command('cert').description('read and judge certificates on this machine')
  cert
    .command('inspect')
    .description(
      'explain what a file holds: certificates, bundles, CRLs, OCSP, CMS, master lists; nothing is validated',
    )
    .argument('<file>', 'PEM, base64 or DER')
    .option('--json', 'print JSON')
    .action((file: string, { json = false }: { json?: boolean }) => done(certInspect({ file, json })))
  cert
    .command('validate')
    .description('judge a certificate; exit code 0 valid, 1 invalid, 2 wrong call')
    .argument('<file>', 'the certificate first; others in the file help to build its path')
    .requiredOption('--anchor <file>', 'what is trusted; repeat for more', collect)
    .requiredOption('--profile <name>', `one of ${Object.keys(profiles).join(', ')}`)
    .option('--intermediate <file>', 'certificates that may help; repeat for more', collect)
    .option('--crl <file>', 'a revocation list; repeat for more', collect)
    .option('--ocsp <file>', 'an OCSP response; repeat for more', collect)
    .option('--time <moment>', 'the moment to judge, RFC 3339; default now')
    .option('--host <name>', 'the DNS name or IP address it must be for')
    .option('--revocation <mode>', 'required, soft-fail or off; default required where evidence is given, else off')
    .option('--compatibility <name>', 'a named departure that the profile allows; repeat for more', collect)
    .option('--json', 'print the verdict as JSON')
    .action((file: string, flags: ValidateFlags) => {
      const { anchor, intermediate, crl, compatibility, ...rest } = flags
      done(
        certValidate({
          file,
          anchors: anchor,
          intermediates: intermediate,
          crls: crl,
          compatibilities: compatibility,
          ...rest,
        }),
      )
    })
}
