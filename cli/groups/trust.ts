import type { Call, CommandRow } from '../command.ts'

const progress = async () => (await import('../http/progress.ts')).createProgress(process.stderr)

const fingerprint = '3b7e1c0f5a0d4b7c9e8f6a5d4c3b2a190817263544536271809fa0b1c2d3e4f5'

export const trustCommands: readonly CommandRow[] = [
  {
    path: 'trust import',
    summary: 'import a signed CSCA master list',
    arguments: [{ name: 'file', summary: 'the signed list, as published', kind: 'file' }],
    options: [
      {
        name: 'source',
        value: 'name',
        summary: 'whose list it is; a newer one of the same source takes its place',
        required: true,
      },
      {
        name: 'trusted-signer',
        value: 'sha256',
        summary: 'the CSCA to trust its signer under, where the store trusts none yet',
      },
      {
        name: 'compatibility',
        value: 'name',
        summary: 'allow a named departure from the standard; may be repeated',
        repeatable: true,
      },
      { name: 'dry-run', summary: 'say what it would change' },
      { name: 'force', summary: 'take it though it is older than the last one' },
    ],
    connection: true,
    examples: [{ call: 'trust import germany.ml --source DE --dry-run', says: 'what would come, go and change' }],
    async run(call) {
      const { trustImport } = await import('../commands/trust-import.ts')
      const options = {
        file: call.argument('file'),
        source: call.value('source'),
        compatibilities: call.all('compatibility'),
        ...call.given('trustedSigner'),
        dryRun: call.on('dry-run'),
        force: call.on('force'),
        json: call.json,
      }
      return trustImport(await call.client(), options, await progress())
    },
  },
  {
    path: 'trust add',
    summary: 'add a trust anchor',
    arguments: [{ name: 'file', summary: 'one certificate, PEM or DER', kind: 'file' }],
    options: [
      {
        name: 'purpose',
        value: 'name',
        summary: 'what it is trusted for; may be repeated',
        required: true,
        repeatable: true,
      },
      { name: 'provenance', value: 'text', summary: 'where it comes from' },
      { name: 'allow-not-self-signed', summary: 'accept a CA that another key has certified' },
    ],
    connection: true,
    examples: [
      { call: "trust add csca.pem --purpose csca --provenance 'handed over in person'", says: 'a country signing CA' },
    ],
    async run(call) {
      const { trustAdd } = await import('../commands/trust-change.ts')
      const options = {
        file: call.argument('file'),
        purposes: call.all('purpose'),
        ...call.given('provenance'),
        allowNotSelfSigned: call.on('allow-not-self-signed'),
        json: call.json,
      }
      return trustAdd(await call.client(), options)
    },
  },
  {
    path: 'trust list',
    summary: 'list what is trusted',
    options: [
      { name: 'country', value: 'code', summary: 'two letters' },
      { name: 'status', value: 'status', summary: 'trusted, distrusted or ended' },
      { name: 'purpose', value: 'name', summary: 'csca, master-list-signer, tls …' },
      { name: 'kind', value: 'kind', summary: 'anchor (default), link or quarantined' },
      { name: 'expiring-within-days', value: 'number', summary: 'only what ends so soon' },
      { name: 'as-of', value: 'time', summary: 'as it stood then, RFC 3339' },
    ],
    connection: true,
    exits: ['incomplete'],
    examples: [{ call: 'trust list --country UT --expiring-within-days 90', says: 'what has to be replaced soon' }],
    async run(call) {
      const { trustList } = await import('../commands/trust-list.ts')
      const filters = call.given('country', 'status', 'purpose', 'kind', 'expiringWithinDays', 'asOf')
      return trustList(await call.client(), { ...filters, json: call.json }, await progress())
    },
  },
  {
    path: 'trust diff',
    summary: 'compare two master lists, offline and without verifying them',
    arguments: [
      { name: 'first', summary: 'a signed list', kind: 'file' },
      { name: 'second', summary: 'another one', kind: 'file' },
    ],
    examples: [{ call: 'trust diff january.ml february.ml', says: 'what has come and gone, by country' }],
    async run(call) {
      const { trustDiff } = await import('../commands/trust-diff.ts')
      return trustDiff(call.argument('first'), call.argument('second'), { json: call.json })
    },
  },
  statusRow('distrust', 'take the trust in a certificate away', 'its key was copied'),
  statusRow('restore', 'take a distrust back', 'it was a drill'),
  {
    path: 'trust history',
    summary: 'what happened to a certificate, or to the whole store',
    arguments: [{ name: 'anchor', summary: 'SHA-256 of the certificate', optional: true }],
    connection: true,
    exits: ['incomplete'],
    examples: [{ call: 'trust history', says: 'the last hundred changes' }],
    async run(call) {
      const { trustHistory } = await import('../commands/trust-history.ts')
      return trustHistory(await call.client(), { anchorId: call.optionalArgument('anchor'), json: call.json })
    },
  },
]

function statusRow(action: 'distrust' | 'restore', summary: string, reason: string): CommandRow {
  return {
    path: `trust ${action}`,
    summary,
    arguments: [{ name: 'anchor', summary: 'SHA-256 of the certificate' }],
    options: [{ name: 'reason', value: 'text', summary: 'why; it is kept, and verdicts name it', required: true }],
    connection: true,
    examples: [{ call: `trust ${action} ${fingerprint} --reason '${reason}'`, says: 'by its fingerprint' }],
    async run(call: Call) {
      const { trustStatus } = await import('../commands/trust-change.ts')
      const options = { anchorId: call.argument('anchor'), reason: call.value('reason'), json: call.json }
      return trustStatus(await call.client(), action, options)
    },
  }
}
