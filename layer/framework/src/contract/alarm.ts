import type { Labels } from '../observability/observability.ts'

/** When a person must act: a metric, and what about it is wrong. CloudWatch alarms and the page of alarms are made from it. */
export interface AlarmDefinition {
  /** snake_case; unique in its service. It ends up in the name of the alarm, so it never changes. */
  readonly name: string
  /** What is wrong when it rings, and what to do. */
  readonly description: string
  /** As the code writes it, without the plugin's prefix: `stale_crls`, `imports_total`. */
  readonly metric: string
  /** Exactly the labels that the code writes with it; default none. Another set of labels is another metric. */
  readonly labels?: Labels
  readonly statistic: 'sum' | 'maximum' | 'minimum' | 'average'
  /** It rings when the statistic of one period is at least this. */
  readonly threshold: number
  /** Whole minutes, 1 to 1,440. */
  readonly periodMinutes: number
  /** What a period without a value means: all is well, something is wrong, or as before. */
  readonly missingData: 'well' | 'wrong' | 'as_before'
}

const name = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/

/**
 * An alarm as data, to stand beside a service: `defineService({ …, alarms: [staleCrls] })`.
 * @throws {TypeError} for a name that is not snake_case, a threshold that is no number, a period that is none
 */
export function defineAlarm<const Definition extends AlarmDefinition>(definition: Definition): Definition {
  const { periodMinutes, threshold } = definition
  if (!name.test(definition.name))
    throw new TypeError(`alarm ${JSON.stringify(definition.name)}: snake_case is expected`)
  if (!Number.isFinite(threshold)) throw new TypeError(`alarm ${definition.name}: ${threshold} is no threshold`)
  if (!Number.isSafeInteger(periodMinutes) || periodMinutes < 1 || periodMinutes > 1440) {
    throw new TypeError(`alarm ${definition.name}: a period has 1 to 1440 whole minutes, not ${periodMinutes}`)
  }
  return definition
}
