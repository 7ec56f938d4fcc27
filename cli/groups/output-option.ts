import type { OptionRow } from '../command.ts'

/** Where a document goes that a command writes. */
export const outputFile: OptionRow = {
  name: 'output',
  value: 'file',
  summary: 'default standard output; the file appears when it is whole',
  kind: 'file',
}
