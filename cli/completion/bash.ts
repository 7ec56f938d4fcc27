import type { ArgumentRow, OptionRow } from '../command.ts'
import type { Node } from './nodes.ts'

/** A function for `complete -F`. It knows the table as it was when the script was printed; names of contexts it asks for. */
export function bashScript(all: readonly Node[]): string {
  return `# mmf-cli in bash. Made by: mmf-cli completion bash
_mmf_cli() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} place= word= skip= count=0 words= i
  # Bash makes three words of --option=value.
  if [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}; fi
  if [[ $current == = ]]; then before=\${COMP_WORDS[COMP_CWORD-1]} current=; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == = ]]; then skip=1; continue; fi
    if [[ $skip ]]; then skip=; continue; fi
    case "$place|$word" in
${valued(all)}
      *'|-'?*) ;;
${steps(all)}
      *) count=$((count + 1)) ;;
    esac
  done
  COMPREPLY=()
  case "$place|$before" in
${all.flatMap(node => node.options.flatMap(option => optionValues(node, option))).join('\n')}
${wild(all)}
  esac
  if [[ $current == -* ]]; then
    case "$place" in
${all.map(({ path, options }) => `      '${path}') words='${options.map(({ name }) => `--${name}`).join(' ')}' ;;`).join('\n')}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    return
  fi
  case "$place|$count" in
${all.flatMap(argumentsOf).join('\n')}
  esac
}
complete -F _mmf_cli mmf-cli
`
}

/** Options whose value comes next. */
function valued(all: readonly Node[]): string {
  const patterns = all.flatMap(({ path, options }) =>
    options.flatMap(({ name, value }) => (value === undefined ? [] : [`'${path}|--${name}'`])),
  )
  return `      ${patterns.join('|')}) skip=1 ;;`
}

/** Words that lead to another place. */
const steps = (all: readonly Node[]): string =>
  all
    .flatMap(({ path, words }) =>
      words.map(({ name }) => `      '${path}|${name}') place='${path === '' ? name : `${path} ${name}`}' ;;`),
    )
    .join('\n')

function optionValues({ path }: Node, option: OptionRow): readonly string[] {
  if (option.value === undefined || !isKnown(option)) return []
  return [`    '${path}|--${option.name}') ${reply(option)}; return ;;`]
}

/** What such an option takes is not known here: nothing is offered, no file either. */
function wild(all: readonly Node[]): string {
  const patterns = all.flatMap(({ path, options }) =>
    options.flatMap(option => (option.value === undefined || isKnown(option) ? [] : [`'${path}|--${option.name}'`])),
  )
  return `    ${patterns.join('|')}) return ;;`
}

function argumentsOf({ path, words, arguments: given }: Node): readonly string[] {
  if (words.length > 0)
    return [`    '${path}|0') COMPREPLY=($(compgen -W '${words.map(({ name }) => name).join(' ')}' -- "$current")) ;;`]
  return given.flatMap((argument, index) =>
    isKnown(argument) ? [`    '${path}|${index}') ${reply(argument)} ;;`] : [],
  )
}

const isKnown = ({ kind, allowed }: OptionRow | ArgumentRow) => kind !== undefined || allowed !== undefined

function reply({ kind, allowed = [] }: OptionRow | ArgumentRow): string {
  if (kind === 'file') return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))'
  if (kind === 'folder') return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current"))'
  if (kind === 'context')
    return `COMPREPLY=($(compgen -W "$(mmf-cli context list 2>/dev/null | cut -c3- | cut -d ' ' -f 1)" -- "$current"))`
  return `COMPREPLY=($(compgen -W '${allowed.join(' ')}' -- "$current"))`
}
