/** Where a function writes its metrics, as the service stack says: its alarms look there. Elsewhere (tests, emulators) it is `MMF`. */
export const metricsNamespace = (env: Readonly<Record<string, string | undefined>>): string =>
  env['MMF_METRICS_NAMESPACE'] || 'MMF'
