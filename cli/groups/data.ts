import type { CommandRow, OptionRow } from '../command.ts'

export const dataFolderOption: OptionRow = {
  name: 'data-dir',
  value: 'folder',
  summary: 'data folder of the local platform; default MARTY_DATA_DIR or .marty',
  kind: 'folder',
}

export const dataCommands: readonly CommandRow[] = [
  {
    path: 'data begin-anew',
    summary: 'move the data folder and its secret aside, so that the next start makes new ones; nothing is deleted',
    options: [dataFolderOption],
    examples: [{ call: 'data begin-anew', says: 'prints where it is kept' }],
    async run(call) {
      const { beginAnew, dataFolderOf } = await import('../commands/data.ts')
      const dataDirectory = dataFolderOf(call.text('data-dir'), call.env)
      return beginAnew({ dataDirectory, now: new Date(), json: call.json })
    },
  },
]
