import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { type Colours, hasColours } from './colours.ts'
import { type ArgumentRow, type CommandRow, type CommandTable, exitsOf, type OptionRow, optionsOf } from './command.ts'
import { exitCodes } from './exit-codes.ts'
import { failure } from './failure.ts'

/** The values of a call, by the names of its row. */
export interface Parsed {
  readonly arguments: Readonly<Record<string, string | undefined>>
  readonly options: Readonly<Record<string, string | boolean | readonly string[] | undefined>>
}

export interface ProgramOptions {
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Of the help. */
  readonly colours: Colours
  readonly writeErr: (text: string) => void
  readonly run: (row: CommandRow, parsed: Parsed) => Promise<void>
}

/** The command line, made of the table: commander parses, suggests what was meant, and lays out the help. */
export function createProgram(table: CommandTable, options: ProgramOptions): Command {
  const { version, env, colours } = options
  const cli = new Command('mmf-cli')
    .description('Sign, verify, judge and look after Marty and MMF from the shell')
    .version(version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({
      writeErr: options.writeErr,
      getOutHasColors: () => hasColours(process.stdout, env),
      getErrHasColors: () => hasColours(process.stderr, env),
    })
    .configureHelp({
      styleTitle: text => colours.paint('bold', text),
      styleCommandText: text => colours.paint('cyan', text),
      styleOptionTerm: text => colours.paint('cyan', text),
    })
  cli.addHelpText('after', `\n${exitText(colours)}`)
  const parents = new Map<string, Command>([['', cli]])
  for (const row of table.commands) addCommand(parents, row, table, options)
  return cli
}

function addCommand(
  parents: Map<string, Command>,
  row: CommandRow,
  table: CommandTable,
  { run, colours }: ProgramOptions,
): void {
  const words = row.path.split(' ')
  const parent = groupAt(parents, words.slice(0, -1), table.groups)
  const command = parent.command(words.at(-1) ?? '', { isDefault: row.isDefault ?? false }).description(row.summary)
  for (const argument of row.arguments ?? []) command.addArgument(argumentOf(argument))
  const options = optionsOf(row)
  for (const option of options) command.addOption(optionOf(option))
  command.addHelpText('after', () => `\n${afterHelp(row, colours)}`)
  command.action(async () => {
    const { args } = command
    const values = command.opts()
    await run(row, {
      arguments: Object.fromEntries((row.arguments ?? []).map(({ name }, index) => [name, args[index]])),
      options: Object.fromEntries(options.map(option => [option.name, optionValue(option, values)])),
    })
  })
}

function groupAt(parents: Map<string, Command>, words: readonly string[], groups: CommandTable['groups']): Command {
  const path = words.join(' ')
  const known = parents.get(path)
  if (known !== undefined) return known
  const summary = groups[path]
  if (summary === undefined) throw new TypeError(`the table lacks the group "${path}"`)
  const group = groupAt(parents, words.slice(0, -1), groups)
    .command(words.at(-1) ?? '')
    .description(summary)
  parents.set(path, group)
  return group
}

function argumentOf({ name, summary, optional, allowed }: ArgumentRow): Argument {
  const argument = new Argument(optional === true ? `[${name}]` : `<${name}>`, summary)
  return allowed === undefined ? argument : argument.choices(allowed)
}

function optionOf({ name, summary, value, required, repeatable, fallback, allowed }: OptionRow): Option {
  const option = new Option(`--${name}${value === undefined ? '' : ` <${value}>`}`, summary)
  if (required === true) option.makeOptionMandatory()
  if (fallback !== undefined) option.default(fallback)
  if (value === undefined) return option
  if (repeatable === true) return option.argParser((text, before: readonly string[] = []) => [...before, checked(text)])
  let wasGiven = false
  option.argParser(text => {
    if (wasGiven) throw new InvalidArgumentError('It is given twice.')
    wasGiven = true
    return checked(text)
  })
  return allowed === undefined ? option : Object.assign(option, { argChoices: [...allowed] })

  function checked(text: string): string {
    if (text === '') throw new InvalidArgumentError('It is empty.')
    if (allowed === undefined || allowed.includes(text)) return text
    throw new InvalidArgumentError(`Allowed: ${allowed.join(', ')}.`)
  }
}

/** Commander keeps `--no-wait` as `wait: false`, and `--as-of` as `asOf`. */
function optionValue({ name }: OptionRow, values: Readonly<Record<string, unknown>>): Parsed['options'][string] {
  const found = values[camelCase(name.replace(/^no-/, ''))]
  return name.startsWith('no-') ? found === false : (found as Parsed['options'][string])
}

export const camelCase = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

function afterHelp(row: CommandRow, colours: Colours): string {
  const examples = row.examples.map(({ call, says }) => `  # ${says}\n  mmf-cli ${call}`)
  const codes = exitsOf(row).map(name => exitCodes[name].code)
  const title = (text: string) => colours.paint('bold', text)
  return `${title('Examples:')}\n${examples.join('\n')}\n\n${title('Exit codes:')} ${codes.join(', ')} (see \`mmf-cli --help\`)`
}

function exitText(colours: Colours): string {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `  ${code}  ${meaning}`)
  return `${colours.paint('bold', 'Exit codes:')}\n${rows.join('\n')}`
}

/** What commander prints of a wrong call, in one line: `error: unknown option '--jsn'\n(Did you mean --json?)`. */
export function wrongCall(printed: string): ReturnType<typeof failure> {
  const text = printed
    .replace(/^error: /, '')
    .trim()
    .replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?')
    .replace(/\s+/g, ' ')
  return failure('usage_invalid', `${text}${/[.?!]$/.test(text) ? '' : '.'} \`--help\` says what is possible`)
}
