import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { createPluginConfigManager } from '@mmf/framework'
import type { BaseConfig } from '@mmf/framework/embedded'
import { configFolder } from '../../infra/plugins/config-folder.ts'
import type { InstalledPlugins } from '../../infra/plugins/installed-plugins.ts'
import { pluginsHere } from '../../infra/plugins/plugins-here.ts'
import { checkConfiguredResources } from '../../infra/plugins/service-resources.ts'
import { type Colours, plain } from '../colours.ts'
import { checkDiscovery } from '../doctor/check-discovery.ts'
import { checkHost } from '../doctor/check-host.ts'
import { checkNode, checkPackages } from '../doctor/check-packages.ts'
import { type Finding, ok, refused } from '../doctor/finding.ts'
import { remedies } from '../doctor/remedies.ts'
import type { CommandResult } from '../result.ts'
import { messagesOf } from './plugins-found.ts'

interface DoctorOptions {
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  readonly colours?: Colours
}

/** `mmf-cli plugin doctor`: everything that a start in this folder would meet, all of it at once, with what to do. Nothing is written. Exit code 1 for an error. */
export async function pluginDoctor(options: DoctorOptions): Promise<CommandResult> {
  const findings = await examine(options)
  const healthy = findings.every(({ level }) => level !== 'error')
  const exitCode = healthy ? 0 : 1
  if (options.json) return { stdout: `${JSON.stringify({ healthy, findings }, undefined, 2)}\n`, exitCode }
  const { paint } = options.colours ?? plain
  const colour = { ok: 'green', warning: 'yellow', error: 'red' } as const
  const lines = findings.map(({ level, about, message, code, at, remedy, plugin }) => {
    const what = about === 'plugin' ? `plugin ${plugin}` : about
    const place = at === undefined || message.includes(at) ? '' : `\n           at ${relativeTo(options.root, at)}`
    const advice = remedy === undefined || level === 'ok' ? '' : `\n           ${remedy}`
    return `${paint(colour[level], level.padEnd(7))}  ${what}: ${code === undefined ? '' : `${code}: `}${message}${place}${advice}\n`
  })
  return { stdout: lines.join(''), exitCode }
}

const relativeTo = (root: string, at: string): string => (at.startsWith(`${root}/`) ? relative(root, at) : at)

async function examine({ root, env }: DoctorOptions): Promise<readonly Finding[]> {
  const environment = env['MMF_ENVIRONMENT'] ?? 'development'
  const configDir = configFolder(root, env)
  let found: InstalledPlugins
  let base: BaseConfig
  try {
    found = await pluginsHere({ root, env })
    const names = [...found.plugins, ...found.problems].map(({ name }) => name)
    const otherPlugins = [...names, ...found.disabled]
    base = await createPluginConfigManager({ env, environment, configDir, otherPlugins }).getBaseConfig()
  } catch (error) {
    // Without the platform's own configuration nothing says where plugins are.
    return [checkNode(), refused('configuration', error)]
  }
  return [
    checkNode(),
    ...checkPackages(found.plugins),
    ...checkConfiguration(found, base, { environment, configDir }),
    ...(await checkDiscovery(root, base.plugins.discovery_paths)),
    ...checkPlugins(found),
    ...(await checkHost(base, environment)),
  ]
}

function checkConfiguration(
  { plugins, problems, disabled }: InstalledPlugins,
  base: BaseConfig,
  { environment, configDir }: { readonly environment: string; readonly configDir: string },
): readonly Finding[] {
  const findings: Finding[] = [ok('configuration', `${configDir}, for ${environment}`)]
  const others = [...problems.map(({ name }) => name), ...disabled]
  const definitions = plugins.map(({ definition }) => definition)
  try {
    checkConfiguredResources(definitions, base.plugins.resources, others)
  } catch (error) {
    findings.push(refused('configuration', error))
  }
  const known = [...plugins.map(({ name }) => name), ...others]
  for (const file of filesIn(join(configDir, 'plugins'))) {
    const name = file.replace(/\.(yaml|json)$/, '')
    if (name === file || known.includes(name)) continue
    findings.push({
      level: 'warning',
      about: 'configuration',
      at: join(configDir, 'plugins', file),
      message: `no plugin is called "${name}": nothing reads this file; there is ${known.join(', ') || 'no plugin'}`,
      remedy: 'mend its name, or remove it',
    })
  }
  return findings
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function checkPlugins({ plugins, problems, disabled }: InstalledPlugins): readonly Finding[] {
  return [
    ...plugins.map(({ name, manifest, definition }): Finding => {
      const services = definition.services.map(service => service.name).join(', ')
      return { level: 'ok', about: 'plugin', plugin: name, message: `${manifest.version}, with ${services}` }
    }),
    ...problems.flatMap(problem =>
      messagesOf(problem).map((message): Finding => {
        const { code } = problem.error
        return {
          level: 'error',
          about: 'plugin',
          plugin: problem.name,
          code,
          message,
          at: problem.at,
          remedy: remedies[code],
        }
      }),
    ),
    ...disabled.map((name): Finding => ({ level: 'ok', about: 'plugin', plugin: name, message: 'switched off' })),
  ]
}
