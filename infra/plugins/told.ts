import type { PluginProblem } from './installed-plugins.ts'

/** Every plugin that cannot run, a line each: name, place and reason. */
export const told = (problems: readonly PluginProblem[]): string =>
  problems
    .map(({ name, at, error }) => `plugin ${name}${at === undefined ? '' : `, ${at}`}: ${error.message}`)
    .join('\n')
