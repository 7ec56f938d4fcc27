import type { CommandTable } from '../command.ts'
import { bashScript } from './bash.ts'
import { fishScript } from './fish.ts'
import { type Node, nodesOf } from './nodes.ts'
import { zshScript } from './zsh.ts'

const scripts: Readonly<Record<string, (all: readonly Node[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
}

/** The completion script for a shell. */
export function completionScript(shell: string, table: CommandTable): string {
  const script = scripts[shell]
  if (script === undefined) throw new TypeError(`the table allows a shell without a script: ${shell}`)
  return script(nodesOf(table))
}
