import { marty } from '@marty/plugin'
import type { PluginDefinition } from '@mmf/framework'

/** The plugins of this deployment. Functions, stacks, routes, grants and docs are derived from this list. */
export const plugins: readonly [PluginDefinition, ...PluginDefinition[]] = [marty]
