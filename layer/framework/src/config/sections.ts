import { type Environment, environments } from '../contract/environment.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { YamlFile } from './config-file.ts'
import { mergeTrees, type Tree, treeOf } from './config-tree.ts'
import { didYouMean } from './did-you-mean.ts'
import { isPlainMap } from './plain-map.ts'

/** `default` applies everywhere; the section of the environment lies over it. */
const sectionNames = ['default', ...environments] as const

/**
 * The settings of one environment: `default` with the environment's section merged over it. An environment without a section uses
 * `default` alone.
 * @throws {MmfError} `config_invalid` for a top-level key that is no section, or a section that is no map
 */
export function sectionsFor(file: YamlFile, environment: Environment): Tree {
  const sections = topLevel(file)
  const { default: common } = sections
  const base = treeOf(common ?? null, file, 'default')
  return environment in sections ? mergeTrees(base, treeOf(sections[environment], file, environment)) : base
}

/**
 * The value of `MMF_ENVIRONMENT` or of an option, checked. There is no default: a guess here would loosen production.
 * @throws {MmfError} `environment_unknown`, naming those allowed
 */
export function knownEnvironment(value: string | undefined): Environment {
  const known = environments.find(environment => environment === value)
  if (known !== undefined) return known
  const received = value === undefined || value === '' ? 'MMF_ENVIRONMENT is not set' : `"${value}" is none`
  throw new MmfError('environment_unknown', {
    detail: `${received}; the environments are ${environments.join(', ')}`,
    members: { allowed: environments },
  })
}

function topLevel(file: YamlFile): Readonly<Record<string, unknown>> {
  if (file.value === null) return {}
  if (!isPlainMap(file.value)) throw refused(file, [], 'the file must be a map of sections')
  for (const [name, section] of Object.entries(file.value)) {
    if (!(sectionNames as readonly string[]).includes(name)) {
      const near = didYouMean(name, sectionNames)
      const hint = near === undefined ? ';' : `; did you mean "${near}"?`
      throw refused(file, [name], `"${name}" is no section${hint} The sections are ${sectionNames.join(', ')}`)
    }
    if (section !== null && !isPlainMap(section)) throw refused(file, [name], `section "${name}" must be a map`)
  }
  return file.value
}

function refused(file: YamlFile, path: readonly string[], reason: string): MmfError {
  const position = file.positionOf(path) ?? { line: 1, column: 1 }
  return new MmfError('config_invalid', {
    detail: `${file.path}:${position.line}:${position.column}: ${reason}`,
    members: { file: file.path, ...position },
    errors: [{ path: path.join('.'), message: reason }],
  })
}
