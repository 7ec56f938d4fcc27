import { defineAlarm } from '@mmf/framework'

/** `watch_crls` writes it each hour, also when it is 0: two hours without a value mean that the schedule did not run. */
export const staleCrls = defineAlarm({
  name: 'stale_crls',
  description:
    'The newest revocation list of an issuer is past its nextUpdate: validations that need one refuse its certificates.',
  metric: 'stale_crls',
  statistic: 'maximum',
  threshold: 1,
  periodMinutes: 120,
  missingData: 'wrong',
})
