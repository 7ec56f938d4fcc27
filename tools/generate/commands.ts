import type { CommandRow, OptionRow } from '../../cli/command.ts'
import { exitsOf, optionsOf } from '../../cli/command.ts'
import { exitCodes } from '../../cli/exit-codes.ts'
import { table } from '../../cli/table.ts'

/** `docs/generated/commands.md`: every command of `mmf-cli`, from its table. */
export function commandsPage(): string {
  const index = table.commands.map(
    ({ path, summary }) => `| [\`${path}\`](#${path.replaceAll(' ', '-')}) | ${cell(summary)} |`,
  )
  return `# Commands

Every command of \`mmf-cli\`, made from its table by \`npm run generate\`. How it is used, and what the exit codes mean: [the command line](../cli.md).

| command | what it does |
| --- | --- |
${index.join('\n')}

${table.commands.map(commandText).join('\n')}`
}

function commandText(row: CommandRow): string {
  const { path, summary, examples } = row
  const given = (row.arguments ?? []).map(({ name, optional }) => (optional === true ? `[${name}]` : `<${name}>`))
  const argumentRows = (row.arguments ?? []).map(
    ({ name, summary: what, allowed }) => `| \`${name}\` | ${cell(what)}${choices(allowed)} |`,
  )
  const optionRows = optionsOf(row).map(
    option => `| \`${flagsOf(option)}\` | ${cell(option.summary)}${factsOf(option)} |`,
  )
  const codes = exitsOf(row).map(name => exitCodes[name].code)
  return `## ${path}

\`mmf-cli ${[path, ...given].join(' ')}\`: ${summary}

| argument or option | meaning |
| --- | --- |
${[...argumentRows, ...optionRows].join('\n')}

\`\`\`text
${examples.map(({ call, says }) => `# ${says}\nmmf-cli ${call}`).join('\n')}
\`\`\`

Exit codes: ${codes.join(', ')}.
`
}

const flagsOf = ({ name, value }: OptionRow): string => `--${name}${value === undefined ? '' : ` <${value}>`}`

function factsOf({ required, repeatable, fallback, allowed }: OptionRow): string {
  const facts = [
    ...(required === true ? ['required'] : []),
    ...(repeatable === true ? ['repeatable'] : []),
    ...(fallback === undefined ? [] : [`default \`${fallback}\``]),
  ]
  return `${facts.length === 0 ? '' : `; ${facts.join(', ')}`}${choices(allowed)}`
}

const choices = (allowed: readonly string[] | undefined): string =>
  allowed === undefined ? '' : `; one of ${allowed.map(value => `\`${value}\``).join(', ')}`

const cell = (text: string): string => text.replaceAll('|', '\\|')
