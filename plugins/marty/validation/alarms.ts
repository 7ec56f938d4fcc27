import { defineAlarm } from '@mmf/framework'

/** `refresh_evidence` writes it every quarter of an hour, also when it is 0: an hour without a value means that the schedule did not run. */
export const staleFetchedCrls = defineAlarm({
  name: 'stale_fetched_crls',
  description:
    'A revocation list that validations fetch is past its nextUpdate, and its server has no newer one: its certificates are refused.',
  metric: 'stale_fetched_crls',
  statistic: 'maximum',
  threshold: 1,
  periodMinutes: 60,
  missingData: 'wrong',
})
