import type { ArgumentRow, OptionRow } from '../command.ts'
import type { Node } from './nodes.ts'

/** A function for the completion system of zsh: each place of the table with what may follow, and what it is for. */
export function zshScript(all: readonly Node[]): string {
  return `#compdef mmf-cli
# mmf-cli in zsh. Made by: mmf-cli completion zsh
_mmf_cli() {
  local place= word= skip= count=0
  local -a choices
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case "$place|$word" in
${all.flatMap(valued).join('\n')}
      (*'|-'*) ;;
${all.flatMap(steps).join('\n')}
      (*) (( count += 1 )) ;;
    esac
  done
  # --option=value is one word here.
  local before=\${words[CURRENT-1]}
  if [[ \${words[CURRENT]} == --*=* ]]; then
    before=\${words[CURRENT]%%=*}
    compset -P '*='
  fi
  case "$place|$before" in
${all.flatMap(node => node.options.flatMap(option => optionValues(node, option))).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case "$place" in
${all.map(optionsAt).join('\n')}
    esac
    _describe -o option choices
    return
  fi
  case "$place|$count" in
${all.flatMap(argumentsOf).join('\n')}
  esac
}
if [[ $funcstack[1] == _mmf-cli ]]; then _mmf_cli; else compdef _mmf_cli mmf-cli; fi
`
}

const valued = ({ path, options }: Node): readonly string[] =>
  options.flatMap(({ name, value }) => (value === undefined ? [] : [`      ('${path}|--${name}') skip=1 ;;`]))

const steps = ({ path, words }: Node): readonly string[] =>
  words.map(({ name }) => `      ('${path}|${name}') place='${path === '' ? name : `${path} ${name}`}' ;;`)

function optionValues({ path }: Node, option: OptionRow): readonly string[] {
  return option.value === undefined ? [] : [`    ('${path}|--${option.name}') ${reply(option)}; return ;;`]
}

const optionsAt = ({ path, options }: Node): string =>
  `      ('${path}') choices=(${options.map(({ name, summary }) => described(`--${name}`, summary)).join(' ')}) ;;`

function argumentsOf({ path, words, arguments: given }: Node): readonly string[] {
  if (words.length > 0) {
    const choices = words.map(({ name, summary }) => described(name, summary))
    return [`    ('${path}|0') choices=(${choices.join(' ')}); _describe command choices ;;`]
  }
  return given.map((argument, index) => `    ('${path}|${index}') ${reply(argument)} ;;`)
}

function reply({ kind, allowed, summary }: OptionRow | ArgumentRow): string {
  if (kind === 'file') return '_files'
  if (kind === 'folder') return '_files -/'
  if (kind === 'context') return `compadd -- \${(f)"$(mmf-cli context list 2>/dev/null | cut -c3- | cut -d ' ' -f 1)"}`
  return allowed === undefined ? `_message ${quoted(summary)}` : `compadd -- ${allowed.join(' ')}`
}

const described = (name: string, summary: string): string => quoted(`${name.replaceAll(':', '\\:')}:${summary}`)

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
