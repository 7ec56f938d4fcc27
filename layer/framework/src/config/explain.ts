import { defined } from '../defined.ts'
import { isSecretName, redactedText, redactText, redactValues } from '../observability/redaction.ts'
import { describeOrigin, isWritten, type Origin, originAt, positionOf, type Tree } from './config-tree.ts'
import type { ExpandedSettings } from './expand.ts'
import { isPlainMap } from './plain-map.ts'
import { isSecret } from './secret.ts'

/** One setting of a resolved configuration, and where it comes from. */
export interface ExplainedSetting {
  /** Dotted, as in the YAML file. Lists are one setting. */
  readonly path: string
  /** Fit to be printed: secrets and passwords are replaced by `[redacted]`. */
  readonly value: unknown
  readonly source: 'default' | 'file' | 'variable'
  /** `config/plugins/marty.yaml:12:3 (production)`, `environment variable MMF__…`, or `default of the schema`. */
  readonly origin: string
  readonly file?: string
  readonly section?: string
  readonly line?: number
  readonly variable?: string
  /** Variables and secrets the setting refers to: `PKD_HOST`, `SECRET:pkd/api-key`. */
  readonly references: readonly string[]
}

const urlPassword = /^([a-z][a-z0-9+.-]*:\/\/[^/@:]*):[^/@]*@/i

/** Every setting of a configuration with its provenance, in the order of the schema. */
export function explainSettings(
  config: unknown,
  tree: Tree,
  references: ExpandedSettings['references'],
): readonly ExplainedSetting[] {
  return leaves(config, []).map(({ path, value }) => {
    const dotted = path.join('.')
    return {
      path: dotted,
      value: printable(value, path.some(isSecretName)),
      ...source(tree, path),
      references: under(dotted),
    }
  })

  function under(dotted: string): readonly string[] {
    return [...references].flatMap(([path, names]) => (path === dotted || path.startsWith(`${dotted}.`) ? names : []))
  }
}

/** A configuration as it may be printed: secrets, settings named like secrets with all below them, and passwords in addresses are `[redacted]`. */
export function printable(value: unknown, isHidden: boolean): unknown {
  if (isSecret(value)) return redactedText
  if (Array.isArray(value)) return value.map(item => printable(item, isHidden))
  if (isPlainMap(value)) {
    const entries = Object.entries(value).map(
      ([key, child]) => [redactText(key), printable(child, isHidden || isSecretName(key))] as const,
    )
    return Object.fromEntries(entries)
  }
  if (typeof value !== 'string') return value
  return isHidden ? redactedText : redactValues(value.replace(urlPassword, `$1:${redactedText}@`))
}

function source(tree: Tree, path: readonly string[]): Omit<ExplainedSetting, 'path' | 'value' | 'references'> {
  if (!isWritten(tree, path)) return { source: 'default', origin: 'default of the schema' }
  const origin = originAt(tree, path)
  return { source: origin.kind, origin: describeOrigin(origin), ...details(origin) }
}

function details(origin: Origin): Pick<ExplainedSetting, 'file' | 'section' | 'line' | 'variable'> {
  if (origin.kind === 'variable') return { variable: origin.variable }
  const line = positionOf(origin)?.line
  const section = defined({ section: origin.section })
  return { file: origin.file.path, ...section, ...defined({ line }) }
}

function leaves(value: unknown, path: readonly string[]): readonly { path: readonly string[]; value: unknown }[] {
  if (!isPlainMap(value)) return [{ path, value }]
  return Object.entries(value).flatMap(([key, child]) => leaves(child, [...path, key]))
}
