import { MmfError } from '../errors/mmf-error.ts'

/** Where a plugin stands in its life. */
export type PluginState =
  | 'unloaded'
  | 'loading'
  | 'loaded'
  | 'initializing'
  | 'active'
  | 'stopping'
  | 'stopped'
  | 'error'
  | 'disabled'

/** What can happen to a plugin. `load`, `initialize`, `stop` begin a phase; `loaded`, `started`, `stopped` end it; `fail` ends any. */
export type PluginEvent =
  | 'load'
  | 'loaded'
  | 'initialize'
  | 'started'
  | 'stop'
  | 'stopped'
  | 'fail'
  | 'disable'
  | 'enable'
  | 'unload'

/** THE table of the life cycle: in this state, this event leads there. What is not in it is refused. */
export const pluginTransitions: Readonly<Record<PluginState, Readonly<Partial<Record<PluginEvent, PluginState>>>>> = {
  unloaded: { load: 'loading' },
  loading: { loaded: 'loaded', disable: 'disabled', fail: 'error' },
  loaded: { initialize: 'initializing', disable: 'disabled', unload: 'unloaded' },
  // Lasts until the plugin has started; a plugin that was initialized but not started can be stopped.
  initializing: { started: 'active', stop: 'stopping', fail: 'error' },
  active: { stop: 'stopping', fail: 'error' },
  stopping: { stopped: 'stopped', fail: 'error' },
  stopped: { initialize: 'initializing', disable: 'disabled', unload: 'unloaded' },
  // A failed plugin is loaded afresh, or stopped to release what it holds.
  error: { load: 'loading', stop: 'stopping', disable: 'disabled', unload: 'unloaded' },
  disabled: { enable: 'loaded', unload: 'unloaded' },
}

export type TransitionListener = (change: {
  readonly from: PluginState
  readonly to: PluginState
  readonly event: PluginEvent
}) => void

/** The life of one plugin, driven by the table. */
export class PluginLifecycle {
  #state: PluginState = 'unloaded'
  readonly #name: () => string
  readonly #listeners = new Set<TransitionListener>()

  /** @param name used in messages */
  constructor(name: string | (() => string)) {
    this.#name = typeof name === 'string' ? () => name : name
  }

  get state(): PluginState {
    return this.#state
  }

  /** The events that are possible now. */
  get possible(): readonly PluginEvent[] {
    return Object.keys(pluginTransitions[this.#state]) as PluginEvent[]
  }

  /**
   * Moves on. An event that is not possible changes nothing.
   * @throws {MmfError} `plugin_illegal_transition`, naming the state, the event and what is possible
   */
  send(event: PluginEvent): PluginState {
    const from = this.#state
    const to = this.check(event)
    this.#state = to
    for (const listener of this.#listeners) listener({ from, to, event })
    return to
  }

  /**
   * Where an event would lead, without going there.
   * @throws {MmfError} `plugin_illegal_transition`
   */
  check(event: PluginEvent): PluginState {
    const to = pluginTransitions[this.#state][event]
    if (to !== undefined) return to
    const name = this.#name()
    throw new MmfError('plugin_illegal_transition', {
      detail: `${name}: "${event}" is not possible in state "${this.#state}"; possible: ${this.possible.join(', ')}`,
      members: { plugin: name, state: this.#state, event, allowed: this.possible },
    })
  }

  /** Calls `listener` after each transition. Answers a function that ends this. */
  onTransition(listener: TransitionListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
