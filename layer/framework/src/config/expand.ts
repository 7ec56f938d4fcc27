import { type FieldError, isMmfError, MmfError } from '../errors/mmf-error.ts'
import { parseStrictJson } from '../json/strict-json.ts'
import { configLimits, type SettingPath } from './config-file.ts'
import { describeOrigin, originAt, type Tree } from './config-tree.ts'
import type { Variables } from './overrides.ts'
import { isPlainMap } from './plain-map.ts'
import { type Piece, parseReferences, type SecretReference } from './references.ts'
import { Secret } from './secret.ts'
import type { SecretResolver } from './secret-resolver.ts'

/** The settings with every reference replaced, before the schema has seen them. */
export interface ExpandedSettings {
  readonly input: unknown
  /** Settings whose text came from a variable and reads as JSON too: tried where the schema refuses the text. */
  readonly alternatives: readonly { readonly path: SettingPath; readonly value: unknown }[]
  /** Which variables and secrets each setting refers to, by dotted path. */
  readonly references: ReadonlyMap<string, readonly string[]>
}

export interface ExpandSources {
  readonly variables: Variables
  readonly secrets: SecretResolver | undefined
}

/**
 * Replaces `${VAR}`, `${VAR:-fallback}` and `${SECRET:name}` in every string, also within lists. The fallback counts when the variable is
 * unset or empty. The value of a variable is taken as it is: references inside it are not followed. A string that holds a secret
 * becomes a `Secret` as a whole.
 * @throws {MmfError} `config_invalid`, naming at once every variable and secret that is missing
 */
export async function expandSettings(tree: Tree, sources: ExpandSources): Promise<ExpandedSettings> {
  const run: Run = { tree, sources, problems: [], alternatives: [], references: new Map(), secrets: new Map() }
  const input = await expandTree(run, tree, [])
  if (run.problems.length > 0) {
    const errors = [...new Map(run.problems.map(problem => [`${problem.path} ${problem.message}`, problem])).values()]
    const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
    throw new MmfError('config_invalid', { detail, errors })
  }
  return { input, alternatives: run.alternatives, references: run.references }
}

interface Run {
  readonly tree: Tree
  readonly sources: ExpandSources
  readonly problems: FieldError[]
  readonly alternatives: { path: SettingPath; value: unknown }[]
  readonly references: Map<string, string[]>
  /** One look-up per secret, however often it is named. */
  readonly secrets: Map<string, Promise<string | undefined>>
}

async function expandTree(run: Run, node: Tree, path: SettingPath): Promise<unknown> {
  if (node.kind === 'map') {
    const entries = [...node.entries].map(
      async ([key, child]) => [key, await expandTree(run, child, [...path, key])] as const,
    )
    return Object.fromEntries(await Promise.all(entries))
  }
  const value = await expandValue(run, node.value, path)
  if (node.origin.kind === 'variable' && typeof node.value === 'string') {
    const parsed = asJson(node.value)
    if (parsed !== undefined) run.alternatives.push({ path, value: await expandValue(run, parsed, path) })
  }
  return value
}

async function expandValue(run: Run, value: unknown, path: SettingPath): Promise<unknown> {
  if (typeof value === 'string') return expandString(run, value, path)
  if (Array.isArray(value)) return Promise.all(value.map((item, index) => expandValue(run, item, [...path, index])))
  if (!isPlainMap(value)) return value
  const entries = Object.entries(value).map(
    async ([key, child]) => [key, await expandValue(run, child, [...path, key])] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

async function expandString(run: Run, text: string, path: SettingPath): Promise<unknown> {
  if (!text.includes('${')) return text
  const parsed = parseReferences(text)
  if ('error' in parsed) {
    report(run, path, parsed.error)
    return text
  }
  const expanded = await join(run, parsed.pieces, path)
  if (expanded.secret) return new Secret(expanded.text)
  if (parsed.pieces.length === 1 && parsed.pieces[0]?.kind === 'variable') {
    const json = asJson(expanded.text)
    if (json !== undefined) run.alternatives.push({ path, value: json })
  }
  return expanded.text
}

async function join(run: Run, pieces: readonly Piece[], path: SettingPath): Promise<{ text: string; secret: boolean }> {
  const joined = { text: '', secret: false }
  for (const piece of pieces) {
    const part = await resolvePiece(run, piece, path)
    joined.text += part.text
    joined.secret ||= part.secret
  }
  return joined
}

async function resolvePiece(run: Run, piece: Piece, path: SettingPath): Promise<{ text: string; secret: boolean }> {
  if (piece.kind === 'text') return { text: piece.text, secret: false }
  if (piece.kind === 'secret') return { text: await resolveSecret(run, piece.reference, path), secret: true }
  note(run, path, piece.name)
  const value = run.sources.variables[piece.name]
  if (piece.fallback !== undefined && (value === undefined || value === '')) return join(run, piece.fallback, path)
  if (value === undefined) report(run, path, `environment variable ${piece.name} is not set and has no fallback`)
  return { text: value ?? '', secret: false }
}

async function resolveSecret(run: Run, reference: SecretReference, path: SettingPath): Promise<string> {
  const { name, version, jsonKey } = reference
  const label = `${name}${version === undefined ? '' : `@${version}`}`
  note(run, path, `SECRET:${label}`)
  const { secrets } = run.sources
  if (secrets === undefined)
    return missing(run, path, `secret "${label}" cannot be resolved: no secret store is configured`)
  let value: string | undefined
  try {
    const pending = run.secrets.get(label) ?? secrets.resolve(name, version)
    run.secrets.set(label, pending)
    value = await pending
  } catch (error) {
    const reason = isMmfError(error) ? error.message : 'the secret store failed'
    return missing(run, path, `secret "${label}" cannot be resolved: ${reason}`)
  }
  if (value === undefined) return missing(run, path, `secret "${label}" is not known (asked: ${secrets.description})`)
  if (jsonKey === undefined) return value
  const json = asJson(value)
  const member = isPlainMap(json) && Object.hasOwn(json, jsonKey) ? json[jsonKey] : undefined
  return typeof member === 'string' ? member : missing(run, path, `secret "${label}" has no text member "${jsonKey}"`)
}

function missing(run: Run, path: SettingPath, message: string): string {
  report(run, path, message)
  return ''
}

function report(run: Run, path: SettingPath, message: string): void {
  const dotted = path.join('.')
  run.problems.push({ path: dotted, message: `${message}, at ${describeOrigin(originAt(run.tree, path))}` })
}

function note(run: Run, path: SettingPath, name: string): void {
  const dotted = path.join('.')
  run.references.set(dotted, [...(run.references.get(dotted) ?? []), name])
}

/** The value of a JSON text; undefined when it is none, or one in which a member is there twice. */
function asJson(text: string): unknown {
  const result = parseStrictJson(text, configLimits)
  return 'value' in result ? result.value : undefined
}
