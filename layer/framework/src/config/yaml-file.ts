import { readFile } from 'node:fs/promises'
import { MmfError } from '../errors/mmf-error.ts'
import { parseStrictJson } from '../json/strict-json.ts'
import { configLimits, type YamlFile } from './config-file.ts'
import { isPlainMap } from './plain-map.ts'

/**
 * Reads a YAML file. The parser is loaded when the first file is read.
 * @throws {MmfError} `config_unreadable` when the file is missing or not readable; `config_malformed`, see `parseYaml`
 */
export async function readYamlFile(path: string): Promise<YamlFile> {
  const text = await readText(path)
  if (text === undefined) throw unreadable(path, 'there is no such file')
  return parse(path, text)
}

/**
 * Reads `<path>.yaml`, or, where that is not there, the `<path>.json` that a build made of it: a function that starts is spared the 10 ms of
 * loading a YAML parser. A JSON file has no positions.
 * @throws {MmfError} `config_unreadable`, `config_malformed`
 */
export async function readConfigFile(path: string): Promise<YamlFile> {
  const file = await readConfigFileIfThere(path)
  if (file === undefined) throw unreadable(`${path}.yaml`, 'there is no such file')
  return file
}

/** The same, or undefined where there is neither file. @throws {MmfError} `config_unreadable`, `config_malformed` */
export async function readConfigFileIfThere(path: string): Promise<YamlFile | undefined> {
  const text = await readText(`${path}.yaml`)
  if (text !== undefined) return parse(`${path}.yaml`, text)
  const compiled = await readText(`${path}.json`)
  return compiled === undefined ? undefined : parseCompiled(`${path}.json`, compiled)
}

/** A configuration from elsewhere: YAML, or JSON where it begins as an object does. `path` says where it is from. */
export async function parseConfigText(path: string, text: string): Promise<YamlFile> {
  return text.trimStart().startsWith('{') ? parseCompiled(path, text) : parse(path, text)
}

async function parse(path: string, text: string): Promise<YamlFile> {
  const { parseYaml } = await import('./parse-yaml.ts')
  return parseYaml(path, text)
}

function parseCompiled(path: string, text: string): YamlFile {
  const malformed = (reason: string) =>
    new MmfError('config_malformed', { detail: `${path}: ${reason}`, members: { file: path } })
  const result = parseStrictJson(text, configLimits)
  if ('fault' in result) {
    const { kind, reason, path: member } = result.fault
    throw malformed(kind === 'syntax' ? 'it is not valid JSON' : `${member ?? 'it'}: ${reason}`)
  }
  const { value } = result
  if (!isPlainMap(value)) throw malformed('it must be an object')
  return { path, value, positionOf: () => undefined }
}

/** The text of a file, or undefined where there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(path, String(cause), cause)
  }
}

function unreadable(path: string, reason: string, cause?: unknown): MmfError {
  return new MmfError('config_unreadable', { detail: `${path}: ${reason}`, members: { file: path }, cause })
}
