import { type PluginCase, plugin, refused } from './plugin-case.ts'

/** A plugin with one wrong gateway step, or with what should be a list of them. */
const gated = (name: string, gateway: string, says: RegExp): PluginCase => ({
  ...plugin(name, { code: { definition: `gateway: ${gateway},` } }),
  ...refused('declaration_invalid', says),
})

/** What authors get wrong about gateway steps. */
export const brokenGateways: readonly PluginCase[] = [
  gated('one_step', `{ name: 'alone' }`, /one_step\.gateway: is \{"name":"alone"\}; it must be a list of steps/),
  gated('not_a_step', '[() => {}]', /not_a_step\.gateway\[0\]: is a function; it must be a step/),
  gated(
    'nameless',
    `[{ stage: 'before_authentication', before() {} }]`,
    /nameless\.gateway\[0\]: name is undefined; snake_case is expected/,
  ),
  gated(
    'stageless',
    `[{ name: 'early', stage: 'first', before() {} }]`,
    /stageless\.gateway\[early\]: stage is "first"; it must be before_authentication or after_authentication/,
  ),
  gated(
    'urgent',
    `[{ name: 'now', stage: 'before_authentication', priority: -1, before() {} }]`,
    /urgent\.gateway\[now\]: priority is -1; it must be a whole number from 0 to 1000/,
  ),
  gated(
    'misspelt_hook',
    `[{ name: 'tail', stage: 'after_authentication', onErrors() {} }]`,
    /misspelt_hook\.gateway\[tail\]: onErrors: unknown member; did you mean "onError"\?/,
  ),
  gated(
    'hookless',
    `[{ name: 'idle', stage: 'after_authentication' }]`,
    /hookless\.gateway\[idle\]: it has none of before, after, onError/,
  ),
  gated(
    'textual_hook',
    `[{ name: 'words', stage: 'after_authentication', before: 'check' }]`,
    /textual_hook\.gateway\[words\]: before is "check"; it must be a function/,
  ),
  gated(
    'twin_steps',
    `[{ name: 'same', stage: 'after_authentication', before() {} }, { name: 'same', stage: 'before_authentication', before() {} }]`,
    /twin_steps\.gateway\[same\]: two steps have this name/,
  ),
]
