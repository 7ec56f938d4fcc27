import type { ArgumentRow, OptionRow } from '../command.ts'
import type { Node } from './nodes.ts'

/** One `complete` for each word, option and value of the table. */
export function fishScript(all: readonly Node[]): string {
  return `# mmf-cli in fish. Made by: mmf-cli completion fish
function __mmf_cli_at --description 'whether the call stands at this place, after so many arguments'
    set -l place
    set -l count 0
    set -l skip
    for word in (commandline -opc)[2..]
        if test -n "$skip"
            set skip
            continue
        end
        switch "$place|$word"
${all.flatMap(valued).join('\n')}
            case '*|-*'
${all.flatMap(steps).join('\n')}
            case '*'
                set count (math $count + 1)
        end
    end
    test "$place" = "$argv[1]"; and test (count $argv) -eq 1 -o "$count" = "$argv[2]"
end
complete -c mmf-cli -f
${all.flatMap(completions).join('\n')}
`
}

const valued = ({ path, options }: Node): readonly string[] =>
  options.flatMap(({ name, value }) =>
    value === undefined ? [] : [`            case '${path}|--${name}'`, '                set skip 1'],
  )

const steps = ({ path, words }: Node): readonly string[] =>
  words.flatMap(({ name }) => [
    `            case '${path}|${name}'`,
    `                set place '${path === '' ? name : `${path} ${name}`}'`,
  ])

function completions({ path, words, options, arguments: given }: Node): readonly string[] {
  const at = (count?: number) =>
    `complete -c mmf-cli -n ${quoted(`__mmf_cli_at '${path}'${count === undefined ? '' : ` ${count}`}`)}`
  return [
    ...words.map(({ name, summary }) => `${at(0)} -a ${name} -d ${quoted(summary)}`),
    ...options.map(option => `${at()} -l ${option.name}${valueFlags(option)} -d ${quoted(option.summary)}`),
    ...given.flatMap((argument, index) => {
      const values = reply(argument)
      return values === '' ? [] : [`${at(index)}${values}`]
    }),
  ]
}

/** `-x`: it takes a value, which is no file. */
function valueFlags(option: OptionRow): string {
  if (option.value === undefined) return ''
  return option.kind === 'file' ? ' -r -F' : ` -x${reply(option)}`
}

function reply({ kind, allowed }: OptionRow | ArgumentRow): string {
  if (kind === 'file') return ' -F'
  if (kind === 'folder') return " -a '(__fish_complete_directories)'"
  if (kind === 'context') return ` -a ${quoted("(mmf-cli context list 2>/dev/null | cut -c3- | cut -d ' ' -f 1)")}`
  return allowed === undefined ? '' : ` -a ${quoted(allowed.join(' '))}`
}

/** In single quotes fish knows \\\\ and \\' (fish language, Quotes). */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
