import { MmfError, type PluginDefinition } from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'
import { declaredPlatformService } from '@mmf/framework/internal'

/**
 * A limit of something that is not there would limit nothing, and no one would notice. `unread` are plugins that are not looked into here.
 * @throws {MmfError} `config_invalid`
 */
export function checkLimitedOperations(
  plugins: readonly PluginDefinition[],
  { callers }: BaseConfig['rate_limits'],
  unread: readonly string[] = [],
): void {
  const known = [...plugins, { name: 'platform', services: [declaredPlatformService] }]
  const unknown = Object.keys(callers).flatMap(name => {
    const [plugin = '', service, operation] = name.split('.')
    if (name === '*' || unread.includes(plugin)) return []
    const services = known.find(one => one.name === plugin)?.services
    if (services === undefined) return [`${name}: there is ${known.map(one => one.name).join(', ')}`]
    if (service === undefined) return []
    const operations = services.find(one => one.name === service)?.operations
    if (operations === undefined) return [`${name}: there is ${services.map(one => one.name).join(', ')}`]
    const names = Object.values(operations).map(one => one.name)
    return operation === undefined || names.includes(operation) ? [] : [`${name}: there is ${names.join(', ')}`]
  })
  if (unknown.length > 0) throw new MmfError('config_invalid', { detail: `rate_limits.callers.${unknown.join('; ')}` })
}
