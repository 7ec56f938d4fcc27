import { type ArgumentRow, type CommandRow, type CommandTable, type OptionRow, optionsOf } from '../command.ts'

interface Word {
  readonly name: string
  readonly summary: string
}

/** A place in a call, after the words of `path`: what may follow. */
export interface Node {
  readonly path: string
  readonly words: readonly Word[]
  readonly options: readonly OptionRow[]
  readonly arguments: readonly ArgumentRow[]
}

const help: OptionRow = { name: 'help', summary: 'what is possible here' }
const version: OptionRow = { name: 'version', summary: 'print the version' }

/** Every place of the table, the root first. */
export function nodesOf({ groups, commands }: CommandTable): readonly Node[] {
  const root: Node = { path: '', words: wordsBelow(''), options: [version, help], arguments: [] }
  const above = Object.keys(groups).map(path => {
    const byDefault = commands.find(row => row.isDefault === true && parentOf(row.path) === path)
    return {
      path,
      words: wordsBelow(path),
      options: byDefault === undefined ? [help] : ofCommand(byDefault),
      arguments: [],
    }
  })
  const leaves = commands.map(row => ({
    path: row.path,
    words: [],
    options: ofCommand(row),
    arguments: row.arguments ?? [],
  }))
  return [root, ...above, ...leaves]

  function wordsBelow(path: string): readonly Word[] {
    const all: readonly (readonly [string, string])[] = [
      ...commands.map(row => [row.path, row.summary] as const),
      ...Object.entries(groups),
    ]
    return all.flatMap(([child, summary]) =>
      parentOf(child) === path ? [{ name: child.split(' ').at(-1) ?? '', summary }] : [],
    )
  }
}

const ofCommand = (row: CommandRow): readonly OptionRow[] => [...optionsOf(row), help]

const parentOf = (path: string): string => path.split(' ').slice(0, -1).join(' ')
