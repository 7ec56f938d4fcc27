import type { CommandRow } from '../command.ts'

/** As `@mmf/pki` has them, which a test compares: the table loads nothing. */
const profiles = [
  'rfc5280',
  'webpki',
  'icao-csca',
  'icao-dsc',
  'master-list-signer',
  'ocsp',
  'code-signing',
  'timestamping',
  'mtls-client',
] as const

export const certCommands: readonly CommandRow[] = [
  {
    path: 'cert inspect',
    summary: 'explain what a file holds: certificates, bundles, CRLs, OCSP, CMS, master lists; nothing is validated',
    arguments: [{ name: 'file', summary: 'PEM, base64 or DER', kind: 'file' }],
    examples: [{ call: 'cert inspect server.pem', says: 'each field and what it means' }],
    async run(call) {
      const { certInspect } = await import('../commands/cert-inspect.ts')
      return certInspect({ file: call.argument('file'), json: call.json })
    },
  },
  {
    path: 'cert validate',
    summary: 'judge a certificate; exit code 6 where it is invalid',
    arguments: [
      { name: 'file', summary: 'the certificate first; others in the file help to build its path', kind: 'file' },
    ],
    options: [
      {
        name: 'anchor',
        value: 'file',
        summary: 'what is trusted; repeat for more',
        required: true,
        repeatable: true,
        kind: 'file',
      },
      { name: 'profile', value: 'name', summary: 'what it is judged for', required: true, allowed: profiles },
      {
        name: 'intermediate',
        value: 'file',
        summary: 'certificates that may help; repeat for more',
        repeatable: true,
        kind: 'file',
      },
      { name: 'crl', value: 'file', summary: 'a revocation list; repeat for more', repeatable: true, kind: 'file' },
      { name: 'ocsp', value: 'file', summary: 'an OCSP response; repeat for more', repeatable: true, kind: 'file' },
      { name: 'time', value: 'moment', summary: 'the moment to judge, RFC 3339; default now' },
      { name: 'host', value: 'name', summary: 'the DNS name or IP address it must be for' },
      {
        name: 'revocation',
        value: 'mode',
        summary: 'default required where evidence is given, else off',
        allowed: ['required', 'soft-fail', 'off'],
      },
      {
        name: 'compatibility',
        value: 'name',
        summary: 'a named departure that the profile allows; repeat for more',
        repeatable: true,
      },
    ],
    exits: ['invalid'],
    examples: [
      {
        call: 'cert validate --anchor root.pem --profile rfc5280 --host server.example chain.pem',
        says: 'for a TLS server',
      },
      {
        call: 'cert validate --anchor csca.pem --profile icao-dsc --crl csca.crl dsc.pem',
        says: 'a document signer, with a CRL',
      },
    ],
    async run(call) {
      const { certValidate } = await import('../commands/cert-validate.ts')
      const { json, colours } = call
      const given = call.given('time', 'host', 'revocation')
      const files = {
        file: call.argument('file'),
        anchors: call.all('anchor'),
        intermediates: call.all('intermediate'),
        crls: call.all('crl'),
        ocsp: call.all('ocsp'),
      }
      const options = {
        ...files,
        ...given,
        profile: call.value('profile'),
        compatibilities: call.all('compatibility'),
        json,
      }
      return certValidate(options, colours)
    },
  },
]
