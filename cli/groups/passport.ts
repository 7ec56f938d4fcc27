import type { CommandRow } from '../command.ts'

export const passportCommands: readonly CommandRow[] = [
  {
    path: 'passport verify',
    summary: 'judge a travel document by what was read from its chip; exit code 6 where it is invalid',
    arguments: [{ name: 'sod', summary: 'EF.SOD as read', kind: 'file' }],
    options: [
      {
        name: 'data-group',
        value: 'file',
        summary: 'a data group as read, its number told by its tag; repeat for more',
        required: true,
        repeatable: true,
        kind: 'file',
      },
      { name: 'issuing-state', value: 'code', summary: 'as the MRZ writes it; default the one of DG1' },
      { name: 'time', value: 'moment', summary: 'the moment to judge, RFC 3339, UTC; default now' },
      { name: 'explain', summary: 'say what each finding means and what would have to change' },
    ],
    connection: true,
    exits: ['invalid'],
    examples: [
      {
        call: 'passport verify sod.bin --data-group dg1.bin --data-group dg2.bin',
        says: 'VALID, or INVALID with each reason, and what each data group showed',
      },
    ],
    async run(call) {
      const { passportVerify } = await import('../commands/passport-verify.ts')
      const { json, colours } = call
      const given = call.given('issuingState', 'time')
      const options = {
        sod: call.argument('sod'),
        dataGroups: call.all('data-group'),
        explain: call.on('explain'),
        json,
        ...given,
      }
      return passportVerify(await call.client(), options, colours)
    },
  },
]
