import type { PluginDefinition } from '@mmf/framework'
import { type Alarm, alarmsOf, platformAlarms } from '../../layer/framework/src/derive/alarms-of.ts'

/** The alarms over the platform's and the plugins' own metrics, which a deployment makes of them. */
export function alarmsPage(plugins: readonly PluginDefinition[]): string {
  const rows = [
    ...platformAlarms.map(alarm => row(alarm.name, alarm)),
    ...plugins.flatMap(plugin =>
      plugin.services.flatMap(service =>
        alarmsOf(plugin, service).map(alarm => row(`${plugin.name}-${service.name}-${alarm.name}`, alarm)),
      ),
    ),
  ]
  return `# Alarms

Alarms over metrics that the code writes. On AWS an alarm has the name of the deployment before its own, and notifies the deployment's topic; locally the
same metrics are at \`GET /metrics\`. Alarms over what AWS counts (functions, queues, the API) are in [deployment](../deployment.md#alarms).

| alarm | rings when | no value means | what it says |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

const missing: Readonly<Record<Alarm['missingData'], string>> = {
  well: 'all is well',
  wrong: 'it rings',
  as_before: 'as before',
}

function row(name: string, alarm: Alarm): string {
  const { metricName, labels = {}, statistic, threshold, periodMinutes, missingData, description } = alarm
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const series = pairs.length === 0 ? metricName : `${metricName}{${pairs.join(',')}}`
  const when = `${statistic} of \`${series}\` in ${periodMinutes} min ≥ ${threshold}`
  return `| \`${name}\` | ${when} | ${missing[missingData]} | ${description} |`
}
