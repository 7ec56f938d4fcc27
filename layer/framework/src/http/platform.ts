import type { ApiKeysParts } from '../api-keys/api-keys.ts'
import type { BaseConfig } from '../config/base-schema.ts'
import type { PluginDefinition } from '../contract/define-plugin.ts'
import type { PlatformContext } from '../contract/platform-context.ts'
import type { DeadLetters } from '../events/dead-letters.ts'
import type { WaitingEvents } from '../events/outbox/waiting-events.ts'
import type { CodeStatus, ConfigurationStatus, HealthResult, PluginHealth, PluginReadiness } from '../health/health.ts'
import type { Idempotency } from '../idempotency/idempotency.ts'
import type { Trace } from '../observability/local-tracer.ts'
import type { LogLevels } from '../observability/log-levels.ts'
import type { Admission } from '../resilience/admission.ts'
import type { PluginManifest } from '../runtime/manifest.ts'
import type { MMFPlugin } from '../runtime/mmf-plugin.ts'
import type { PluginSettings } from '../runtime/plugin-runner.ts'
import type { Authenticator } from './authentication/authenticator.ts'
import type { DescribedOperations } from './openapi/openapi.ts'

/** What the HTTP layer needs beside the ports. */
export interface HttpPlatform extends PlatformContext {
  /** The kinds of credentials that count here; each reads one. What none of them reads is no credential. */
  readonly authenticators: readonly Authenticator[]
  readonly idempotency: Idempotency
  /** The `plugins` section of the base configuration. */
  readonly pluginSettings: PluginSettings
  /** What stands before the routes in a path, such as `/pki`; default nothing. */
  readonly basePath?: string | undefined
  /** Turns, where many requests share the process (local runner only). */
  readonly admission?: Admission | undefined
  /** The `rate_limits` section of the base configuration, as it is now. */
  readonly rateLimits: () => BaseConfig['rate_limits']
  /** Largest body in bytes, after base64 is undone. */
  readonly maxBodyBytes: number
  /** Prometheus text, where this process keeps its own metrics (local runner only). */
  readonly metricsText?: (() => string) | undefined
  /** Plugins that cannot run, with the code of why: health shows them. Elsewhere than on this machine a broken plugin stops the build. */
  readonly brokenPlugins?: readonly { readonly name: string; readonly code: string }[] | undefined
  /**
   * Asks the function of a service for its health. Without it the platform's own function checks the ports of the service.
   * @throws what the call of the function throws
   */
  readonly askHealth?: ((plugin: string, service: string) => Promise<PluginHealth>) | undefined
  /**
   * Asks the function of a service for its readiness. Without it the platform's own function looks itself.
   * @throws what the call of the function throws
   */
  readonly askReadiness?: ((plugin: string, service: string) => Promise<PluginReadiness>) | undefined
  /** How long a function keeps what it found about its readiness. */
  readonly readinessMaxAgeMs: number
  /** Writes and reads a row. */
  readonly storeCheck: (signal: AbortSignal) => Promise<HealthResult>
  /** Whether a secret that it was built with has been rotated; absent: it holds none. */
  readonly outdated?: (() => Promise<boolean>) | undefined
  /** The levels of this process, where they can be changed while it runs (local runner only). */
  readonly logLevels?: LogLevels | undefined
  /** What became of the configuration that was saved last, where the host takes it over while it runs. */
  readonly configurationStatus?: ((plugin: string) => ConfigurationStatus) | undefined
  /** What became of the code that was saved last, where the host watches it (local runner only). */
  readonly codeStatus?: ((plugin: string) => CodeStatus) | undefined
  /** The most recent traces, where this process keeps its own (local runner only). */
  readonly traces?: (() => readonly Trace[]) | undefined
  /** Done before each event is served: a function is not at work in between. Never throws. */
  readonly beforeEvent?: (() => Promise<void>) | undefined
  /** Undeliverable events; of the functions on AWS, the platform's own has them. */
  readonly deadLetters?: DeadLetters | undefined
  /** Events that are not handed on yet; where the dead letters are. */
  readonly waitingEvents?: WaitingEvents | undefined
  /** What API keys may carry, and the hash that is stored of them; without it there are none. */
  readonly apiKeys: Pick<ApiKeysParts, 'hash' | 'settings'>
}

/** What one function serves: services of one plugin by name, or the platform's own routes over all plugins. */
export type HandlerDefinition =
  | {
      readonly plugin: PluginDefinition
      readonly services: readonly string[]
      readonly manifest?: PluginManifest | undefined
      /** The plugin's class, where it has one: its hooks run in this function. */
      readonly instance?: (new () => MMFPlugin) | undefined
    }
  | {
      readonly platformOf: readonly PluginDefinition[]
      /** By plugin. What is missing has what an empty manifest would say. */
      readonly manifests?: Readonly<Record<string, PluginManifest>> | undefined
      /** The operations of plugins that are outlines here, for OpenAPI. Read when the document is asked for. */
      readonly described?: (() => Promise<DescribedOperations>) | undefined
    }

/** Constructs clients and ports for one function. Called once per process, at the first request or during init. */
export type PlatformFactory = (definition: HandlerDefinition) => Promise<HttpPlatform>
