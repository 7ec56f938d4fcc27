import type { AlarmDefinition } from '../contract/alarm.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { Service } from '../contract/service.ts'
import { unreadableRows } from '../database/watch-reads.ts'
import { leftBehind } from '../events/one-by-one.ts'

/** An alarm with the complete name of its metric. */
export interface Alarm extends AlarmDefinition {
  /** `marty_pki_stale_crls` */
  readonly metricName: string
}

/** Counts 1 for each run of a scheduled operation that failed and 0 for each that did not, by `operation`. */
export const scheduleFailures = 'mmf_schedule_failures_total'

/** Counts the changes of a circuit breaker, by `circuit` and by what it became. */
const circuitTransitions = 'mmf_circuit_transitions_total'

/** What a service declares, one alarm for each operation that it runs by schedule, and one for each with a circuit breaker. */
export function alarmsOf(
  { name: plugin, metricPrefix }: Pick<PluginDefinition, 'name' | 'metricPrefix'>,
  service: Service,
): readonly Alarm[] {
  const declared = (service.alarms ?? []).map(alarm => ({ ...alarm, metricName: `${metricPrefix}_${alarm.metric}` }))
  const schedules = Object.values(service.operations).filter(({ declares }) => declares.schedule !== undefined)
  const circuits = Object.values(service.operations).filter(({ declares }) => declares.circuitBreaker !== undefined)
  return [
    ...declared,
    ...schedules.map(({ name }) => scheduleAlarm(service.name, name)),
    ...circuits.map(({ name }) => circuitAlarm(`${name}_left_alone`, `${plugin}.${service.name}.${name}`)),
  ]
}

/** It rings from a run that failed to the next one that did not, however long that takes. */
function scheduleAlarm(service: string, operation: string): Alarm {
  return {
    name: `${operation}_fails`,
    description: `The last run of ${service}.${operation} by its schedule failed. Its log says why; the next run comes by itself.`,
    metric: scheduleFailures,
    metricName: scheduleFailures,
    labels: { operation: `${service}.${operation}` },
    statistic: 'sum',
    threshold: 1,
    periodMinutes: 5,
    missingData: 'as_before',
  }
}

function circuitAlarm(name: string, circuit: string): Alarm {
  return {
    name,
    description: `The circuit breaker of ${circuit} opened: it failed repeatedly and is left alone for a while. The log says why it failed; it is tried again by itself.`,
    metric: circuitTransitions,
    metricName: circuitTransitions,
    labels: { circuit, to: 'open' },
    statistic: 'sum',
    threshold: 1,
    periodMinutes: 5,
    missingData: 'well',
  }
}

/** Alarms over the metrics of the platform's own functions. */
export const platformAlarms: readonly Alarm[] = [
  {
    name: 'dead_letters_filed',
    description:
      'A handler failed on an event for the last time. The event is kept, to be listed, replayed or discarded.',
    metric: 'dead_letters_total',
    metricName: 'mmf_dead_letters_total',
    statistic: 'sum',
    threshold: 1,
    periodMinutes: 5,
    missingData: 'well',
  },
  {
    name: 'rows_unreadable',
    description:
      'Stored rows do not match their tables: written by a later version that was rolled back, or damaged. Lists leave them out and name them, decisions that need them are refused. The log names table and row.',
    metric: 'unreadable_rows_total',
    metricName: unreadableRows,
    statistic: 'sum',
    threshold: 1,
    periodMinutes: 5,
    missingData: 'well',
  },
  {
    name: 'work_left_behind',
    description:
      'A loop (delivery, revisit, refresh, import) met something that it could not deal with, left it behind and went on. The log says what and why.',
    metric: 'left_behind_total',
    metricName: leftBehind,
    statistic: 'sum',
    threshold: 1,
    periodMinutes: 5,
    missingData: 'well',
  },
  {
    name: 'outbox_not_drained',
    description: 'The outbox sweeper could not publish committed events, or did not run. They stay in the outbox.',
    metric: 'outbox_unpublished_total',
    metricName: 'mmf_outbox_unpublished_total',
    statistic: 'sum',
    threshold: 1,
    periodMinutes: 15,
    // The sweeper counts each minute, also 0.
    missingData: 'wrong',
  },
  // Not egress: others answer for the servers that are asked.
  circuitAlarm('database_left_alone', 'database'),
  circuitAlarm('keys_left_alone', 'keys'),
  circuitAlarm('calls_left_alone', 'calls'),
]
