import type * as z from 'zod'
import { defined } from '../defined.ts'
import { type FieldError, MmfError } from '../errors/mmf-error.ts'
import { ownWords, schemaMessage } from '../errors/schema-message.ts'
import type { SettingPath } from './config-file.ts'
import { describeOrigin, type Origin, originAt, positionOf, type Tree } from './config-tree.ts'
import { didYouMean } from './did-you-mean.ts'
import type { ExpandedSettings } from './expand.ts'
import { knownSettings } from './schema-walk.ts'

type Issue = z.core.$ZodIssue

/** Settings are read at the start and not again: code made for the schema would cost more than it saves, and a sixth of a function's boot. */
const readOnce = { ...ownWords, jitless: true } as const

/** One setting that does not fit, and where it was written. */
interface ConfigFinding extends FieldError {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** `default` or the environment's section. */
  readonly section?: string
  /** The environment variable that set it. */
  readonly variable?: string
}

/**
 * Checks settings against their schema. Text that came from a variable is used as text where the schema takes text,
 * and as JSON where it does not.
 * @throws {MmfError} `config_invalid` with one finding per setting: dotted path, place, and what is allowed; never the value
 */
export function validateSettings<Schema extends z.ZodType>(
  schema: Schema,
  settings: Pick<ExpandedSettings, 'input' | 'alternatives'>,
  tree: Tree,
): z.output<Schema> {
  let { input } = settings
  let result = schema.safeParse(input, readOnce)
  if (!result.success) {
    const { issues } = result.error
    const tried = settings.alternatives.filter(({ path }) => issues.some(issue => startsWith(issue.path, path)))
    if (tried.length > 0) {
      input = tried.reduce((value, alternative) => replaceAt(value, alternative.path, alternative.value), input)
      result = schema.safeParse(input, readOnce)
    }
  }
  if (result.success) return result.data
  const findings = result.error.issues.flatMap(issue => findingsOf(issue, schema, tree))
  throw new MmfError('config_invalid', {
    detail: findings.map(finding => `${finding.path}: ${finding.message}`).join('; '),
    members: { findings },
    errors: findings.map(({ path, message }) => ({ path, message })),
  })
}

function findingsOf(issue: Issue, schema: z.ZodType, tree: Tree): readonly ConfigFinding[] {
  const path = issue.path.map(step => (typeof step === 'symbol' ? String(step) : step))
  if (issue.code === 'unrecognized_keys') {
    const known = knownSettings(schema, path)
    return issue.keys.map(key => finding([...path, key], unknownSetting(key, known), tree))
  }
  return [finding(path, schemaMessage(issue), tree)]
}

function unknownSetting(key: string, known: readonly string[]): string {
  const near = didYouMean(key, known)
  if (near !== undefined) return `unknown setting; did you mean "${near}"?`
  return known.length === 0 ? 'unknown setting' : `unknown setting; known here: ${known.join(', ')}`
}

function finding(path: SettingPath, message: string, tree: Tree): ConfigFinding {
  const origin = originAt(tree, path)
  return { path: path.join('.'), message: `${message}, at ${describeOrigin(origin)}`, ...place(origin) }
}

function place(origin: Origin): Omit<ConfigFinding, 'path' | 'message'> {
  if (origin.kind === 'variable') return { variable: origin.variable }
  const position = positionOf(origin)
  const section = defined({ section: origin.section })
  return { file: origin.file.path, ...section, ...(position ?? {}) }
}

function startsWith(path: readonly PropertyKey[], head: SettingPath): boolean {
  return head.every((step, index) => path[index] === step)
}

function replaceAt(value: unknown, path: SettingPath, replacement: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return replacement
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? replaceAt(item, rest, replacement) : item))
  const map = value as Readonly<Record<string, unknown>>
  return { ...map, [step]: replaceAt(map[step], rest, replacement) }
}
