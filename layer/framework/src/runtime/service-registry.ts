import { defined } from '../defined.ts'
import { MmfError } from '../errors/mmf-error.ts'
import type { HealthResult } from '../health/health.ts'

/** A service that runs. */
export interface RegisteredService<Client = unknown> {
  readonly plugin: string
  readonly name: string
  readonly description?: string
  /** Its operations as methods. */
  readonly client: Client
  /** Qualified names (`<plugin>.<service>`) of services that must be registered before this one. */
  readonly dependencies?: readonly string[]
  readonly healthCheck?: (() => Promise<HealthResult>) | undefined
}

/** What is known of a registered service, without the service itself. */
export interface ServiceInfo {
  /** `<plugin>.<service>` */
  readonly id: string
  readonly plugin: string
  readonly name: string
  readonly description?: string
  readonly dependencies: readonly string[]
}

/** The services of all running plugins, by their qualified name `<plugin>.<service>`. */
export class ServiceRegistry {
  readonly #services = new Map<string, RegisteredService>()

  /** @throws {MmfError} `service_duplicate`; `plugin_dependency_missing` when a service it depends on is not registered yet */
  register(service: RegisteredService): void {
    const id = idOf(service)
    if (this.#services.has(id)) throw new MmfError('service_duplicate', { detail: id, members: { service: id } })
    const missing = (service.dependencies ?? []).filter(dependency => !this.#services.has(dependency))
    if (missing.length > 0) {
      const detail = `${id} needs ${missing.join(', ')}, which must be registered first`
      throw new MmfError('plugin_dependency_missing', { detail, members: { service: id, missing } })
    }
    this.#services.set(id, service)
  }

  /** @throws {MmfError} `service_unknown`; `plugin_in_use` while a registered service depends on it */
  unregister(id: string): void {
    this.#find(id)
    const users = [...this.#services.values()].filter(service => service.dependencies?.includes(id)).map(idOf)
    if (users.length > 0) throw new MmfError('plugin_in_use', { detail: `${id} is used by ${users.join(', ')}` })
    this.#services.delete(id)
  }

  /** Removes everything a plugin registered, last first. */
  unregisterPlugin(plugin: string): void {
    for (const { id } of this.byPlugin(plugin).toReversed()) this.unregister(id)
  }

  /** @throws {MmfError} `service_unknown` */
  get(id: string): unknown {
    return this.#find(id).client
  }

  /** @throws {MmfError} `service_unknown` */
  info(id: string): ServiceInfo {
    return infoOf(this.#find(id))
  }

  /** In the order of registration. */
  list(): readonly ServiceInfo[] {
    return [...this.#services.values()].map(infoOf)
  }

  byPlugin(plugin: string): readonly ServiceInfo[] {
    return this.list().filter(service => service.plugin === plugin)
  }

  /** One check per service, all at once. An exception is an unhealthy entry; a service without a check has none to fail and is absent. */
  async healthCheckAll(): Promise<Readonly<Record<string, HealthResult>>> {
    const checks = [...this.#services].flatMap(([id, { healthCheck }]) =>
      healthCheck === undefined ? [] : [checked(id, healthCheck)],
    )
    return Object.fromEntries(await Promise.all(checks))
  }

  #find(id: string): RegisteredService {
    const service = this.#services.get(id)
    if (service !== undefined) return service
    const known = [...this.#services.keys()].join(', ')
    throw new MmfError('service_unknown', { detail: `${id}; registered: ${known === '' ? 'none' : known}` })
  }
}

async function checked(id: string, healthCheck: () => Promise<HealthResult>): Promise<readonly [string, HealthResult]> {
  try {
    return [id, await healthCheck()]
  } catch (error) {
    // The reason is public: it names the code only.
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'error'
    return [id, { status: 'unhealthy', reason: `the check failed: ${code}` }]
  }
}

function idOf({ plugin, name }: RegisteredService): string {
  return `${plugin}.${name}`
}

function infoOf(service: RegisteredService): ServiceInfo {
  const { plugin, name, description, dependencies = [] } = service
  return { id: idOf(service), plugin, name, dependencies, ...defined({ description }) }
}
