import * as z from 'zod'
import { logNamespace, lowerCase, upperCase } from '../../config/log-settings.ts'
import { requiresAuth } from '../../contract/concerns/requires-auth.ts'
import { serviceScope } from '../../contract/operation/operation.ts'
import type { Operations } from '../../contract/service.ts'
import type { LogLevels } from '../../observability/log-levels.ts'
import { platformAdministrator } from './platform-roles.ts'

const operation = serviceScope<unknown>()('platform', {})

const level = z.enum(['debug', 'info', 'warn', 'error'])
const levels = z.record(z.string().max(200).regex(logNamespace, 'expected a namespace such as plugins.marty'), level)
const LevelsSchema = z.strictObject({ level, levels, overrides: levels })

/** More would only make each new namespace slower to look up. */
const maxOverrides = 100

const role = { roles: [platformAdministrator] }

/** The levels of the log while the process runs. They are of this process and end with it. */
export function logLevelOperations(known: LogLevels): Operations {
  const shown = () => ({
    level: lowerCase({ level: known.level })['level'] ?? 'info',
    levels: { ...lowerCase(known.configured.levels) },
    overrides: { ...lowerCase(known.overrides) },
  })
  return {
    logLevels: operation({
      name: 'log_levels',
      description: 'The levels of the log: of everything, of namespaces by configuration, and those set while it runs.',
      input: z.strictObject({}),
      output: LevelsSchema,
      http: { method: 'GET', path: '/logs/levels' },
      concerns: [requiresAuth(role)],
      run: async () => shown(),
    }),
    setLogLevels: operation({
      name: 'set_log_levels',
      description:
        'Sets levels of namespaces until the process ends, in place of all that were set before; none goes back.',
      input: z.strictObject({
        overrides: levels.refine(all => Object.keys(all).length <= maxOverrides, `at most ${maxOverrides} namespaces`),
      }),
      output: LevelsSchema,
      http: { method: 'PUT', path: '/logs/levels' },
      concerns: [requiresAuth(role)],
      async run({ overrides }, { call }) {
        known.override(upperCase(overrides))
        call.logger.warn('log levels were changed', { overrides, subject: call.principal?.subject })
        return shown()
      },
    }),
  }
}
