import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { Position, SettingPath, YamlFile } from './config-file.ts'
import { yamlMistakes } from './yaml-mistakes.ts'

// Aliases may repeat a node this often in total, so that a few lines cannot grow into gigabytes.
const maxAliasCount = 100

/**
 * Parses YAML 1.2 with the core schema. Duplicate keys, unknown tags, several documents, keys that are not strings and
 * too many aliases are refused.
 * @throws {MmfError} `config_malformed` with the file, line, column and key
 */
export function parseYaml(path: string, text: string): YamlFile {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { schema: 'core', uniqueKeys: true, lineCounter, prettyErrors: false })
  const problem = document.errors[0] ?? document.warnings[0]
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (problem !== undefined) throw malformed(path, text, at(problem.pos[0]), yamlMistakes[problem.code])

  visit(document, {
    Pair(_, pair) {
      const key: unknown = isScalar(pair.key) ? pair.key.value : pair.key
      if (typeof key === 'string' && key !== '__proto__') return
      const offset = (pair.key as Node | null)?.range?.[0] ?? 0
      throw malformed(path, text, at(offset), 'a key must be a plain string')
    },
  })
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount })
  } catch (cause) {
    // The parser names neither the place nor, by a code, the reason; there are two.
    const reason =
      cause instanceof ReferenceError && /alias.*count|excessive/i.test(cause.message)
        ? `aliases repeat more than ${maxAliasCount} values`
        : yamlMistakes.BAD_ALIAS
    throw malformed(path, text, { line: 1, column: 1 }, reason)
  }
  return { path, value, positionOf: setting => positionIn(document.contents, setting, at) }
}

function positionIn(root: unknown, path: SettingPath, at: (offset: number) => Position): Position | undefined {
  let node = root
  let found: number | undefined
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(item => isScalar(item.key) && item.key.value === step)
      if (pair === undefined) break
      found = (pair.key as Node).range?.[0] ?? found
      node = pair.value
    } else if (isSeq(node)) {
      const item = node.items[Number(step)]
      if (item === undefined) break
      found = (item as Node).range?.[0] ?? found
      node = item
    } else break
  }
  return found === undefined ? undefined : at(found)
}

function malformed(path: string, text: string, position: Position, reason: string): MmfError {
  const key = nearestKey(text, position.line)
  const { line, column } = position
  return new MmfError('config_malformed', {
    detail: `${path}:${line}:${column}${key === undefined ? '' : ` at key "${key}"`}: ${reason}`,
    members: { file: path, line, column, ...defined({ key }) },
  })
}

/** The parser has no tree to ask where the text is broken; the last key written at or above the line is what an author looks for. */
function nearestKey(text: string, line: number): string | undefined {
  const lines = text.split('\n').slice(0, line).reverse()
  for (const candidate of lines) {
    const match = /^\s*(?:- +)?["']?([A-Za-z_][\w.-]*)["']?\s*:/.exec(candidate)
    if (match?.[1] !== undefined) return match[1]
  }
  return undefined
}
