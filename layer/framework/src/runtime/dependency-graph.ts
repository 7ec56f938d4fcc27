import { MmfError } from '../errors/mmf-error.ts'
import { satisfies } from './version-range.ts'

/** What the graph needs to know of a plugin. */
export interface DependencyNode {
  readonly name: string
  readonly version: string
  /** Plugin name → version range. */
  readonly dependencies: Readonly<Record<string, string>>
  /** Started before this plugin where they are there; nothing fails where they are not. */
  readonly optionalDependencies: Readonly<Record<string, string>>
  /** Among plugins that are ready, lower numbers come first; then the name decides. */
  readonly priority: number
}

export interface DependencyOrder {
  /** Every plugin that can be started, each after all it needs. */
  readonly order: readonly string[]
  /** Plugins that cannot, with the reason. One of them never keeps back a plugin that does not need it. */
  readonly problems: ReadonlyMap<string, MmfError>
}

/**
 * Orders plugins by their dependencies. Nothing is thrown: problems are per plugin, so that one bad plugin does not stop the others.
 * The codes are `plugin_dependency_missing`, `plugin_incompatible` and, with the path of the circle, `plugin_dependency_cycle`.
 */
export function orderByDependencies(nodes: readonly DependencyNode[]): DependencyOrder {
  const byName = new Map(nodes.map(node => [node.name, node]))
  const problems = new Map<string, MmfError>()
  for (const node of nodes) {
    const problem = unmetDependency(node, byName)
    if (problem !== undefined) problems.set(node.name, problem)
  }
  const remaining = new Map(nodes.filter(({ name }) => !problems.has(name)).map(node => [node.name, node]))
  const order: string[] = []
  while (remaining.size > 0) {
    const blocked = [...remaining.values()].find(node =>
      Object.keys(node.dependencies).some(name => problems.has(name)),
    )
    const next = blocked ?? nextReady(remaining, byName)
    if (blocked !== undefined) problems.set(blocked.name, dependencyFailed(blocked, problems))
    else if (next !== undefined) order.push(next.name)
    else {
      for (const [name, problem] of cycleProblems(remaining, byName)) problems.set(name, problem)
    }
    if (next !== undefined) remaining.delete(next.name)
    else for (const name of problems.keys()) remaining.delete(name)
  }
  return { order, problems }
}

/** The plugins that need `name`, directly. */
export function dependantsOf(name: string, nodes: readonly DependencyNode[]): readonly string[] {
  return nodes.filter(node => Object.hasOwn(node.dependencies, name)).map(node => node.name)
}

function unmetDependency(node: DependencyNode, byName: ReadonlyMap<string, DependencyNode>): MmfError | undefined {
  const missing = Object.entries(node.dependencies).filter(([name]) => !byName.has(name))
  if (missing.length > 0) {
    const known = [...byName.keys()].filter(name => name !== node.name).sort()
    const errors = missing.map(([name, range]) => ({
      path: `dependencies.${name}`,
      message: `${node.name} ${node.version} needs ${name} ${range}, which is not there; there is ${known.join(', ') || 'no other plugin'}`,
    }))
    return new MmfError('plugin_dependency_missing', {
      detail: errors.map(({ message }) => message).join('; '),
      members: { plugin: node.name, missing: missing.map(([name]) => name) },
      errors,
    })
  }
  for (const [name, range] of Object.entries({ ...node.optionalDependencies, ...node.dependencies })) {
    const found = byName.get(name)
    if (found === undefined || satisfies(found.version, range)) continue
    const detail = `${node.name} ${node.version} needs ${name} ${range}, but ${name} is ${found.version}`
    const field = Object.hasOwn(node.dependencies, name) ? 'dependencies' : 'optional_dependencies'
    return new MmfError('plugin_incompatible', {
      detail,
      members: { plugin: node.name, dependency: name, range, version: found.version },
      errors: [{ path: `${field}.${name}`, message: detail }],
    })
  }
  return undefined
}

function nextReady(
  remaining: ReadonlyMap<string, DependencyNode>,
  byName: ReadonlyMap<string, DependencyNode>,
): DependencyNode | undefined {
  const ready = [...remaining.values()].filter(node => needs(node, byName).every(name => !remaining.has(name)))
  const [first, ...others] = ready
  return others.reduce((best, node) => (before(node, best) ? node : best), first)
}

function before(a: DependencyNode, b: DependencyNode | undefined): boolean {
  if (b === undefined) return true
  return a.priority === b.priority ? a.name < b.name : a.priority < b.priority
}

function needs(node: DependencyNode, byName: ReadonlyMap<string, DependencyNode>): readonly string[] {
  const optional = Object.keys(node.optionalDependencies).filter(name => byName.has(name))
  return [...new Set([...Object.keys(node.dependencies), ...optional])]
}

function dependencyFailed(node: DependencyNode, problems: ReadonlyMap<string, MmfError>): MmfError {
  const failed = Object.keys(node.dependencies).filter(name => problems.has(name))
  const detail = `${node.name} ${node.version} needs ${failed.join(', ')}, which cannot be started`
  return new MmfError('plugin_dependency_missing', {
    detail,
    members: { plugin: node.name, missing: failed },
    errors: [{ path: `dependencies.${failed[0]}`, message: detail }],
    cause: problems.get(failed[0] ?? ''),
  })
}

/** One circle among plugins of which none is ready, and the same error for each of its members. */
function cycleProblems(
  remaining: ReadonlyMap<string, DependencyNode>,
  byName: ReadonlyMap<string, DependencyNode>,
): ReadonlyMap<string, MmfError> {
  const path: string[] = []
  let current = [...remaining.keys()].sort()[0]
  while (current !== undefined && !path.includes(current)) {
    path.push(current)
    const node = remaining.get(current)
    current = node === undefined ? undefined : needs(node, byName).find(name => remaining.has(name))
  }
  const circle = path.slice(path.indexOf(current ?? ''))
  const whole = [...circle, circle[0]]
  const detail = whole.join(' → ')
  return new Map(
    circle.map((name, index) => {
      const errors = [{ path: `dependencies.${whole[index + 1]}`, message: `${detail}; one of them has to do without` }]
      return [
        name,
        new MmfError('plugin_dependency_cycle', { detail, members: { plugin: name, path: whole }, errors }),
      ] as const
    }),
  )
}
