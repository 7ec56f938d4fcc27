/** A label or log field value. Objects and errors are allowed in log fields; secrets in neither. */
export type Labels = Readonly<Record<string, string>>
export type LogFields = Readonly<Record<string, unknown>>

/** Structured log: one JSON line per call. Fields whose names look like secrets are redacted by every adapter. */
export interface Logger {
  /** `fields` as a function are made only when the line is written. */
  debug(message: string, fields?: LogFields | (() => LogFields)): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /**
   * A logger that adds `fields` to each line. `namespace`, such as `plugins.marty.pkd`, is what levels are set for, and stands in each line; default
   * that of this logger.
   */
  child(fields: LogFields, namespace?: string): Logger
}

/** Metrics with per-call labels. `name` is complete (`marty_pki_document_sign_requests_total`). */
export interface Metrics {
  /** Adds `value` (default 1) to a counter. */
  count(name: string, labels: Labels, value?: number): void
  /** Records a duration in seconds. */
  duration(name: string, labels: Labels, seconds: number): void
  /** Sets a gauge. */
  gauge(name: string, labels: Labels, value: number): void
}

export interface Span {
  readonly name: string
  readonly traceId: string
  setTag(key: string, value: string | number | boolean): void
}

export interface Tracer {
  /** Runs `work` inside a span that is a child of the span in progress in `parent` (the call). Errors mark the span and are rethrown. */
  span<T>(name: string, tags: LogFields, work: (span: Span) => Promise<T>, parent?: Span): Promise<T>
}

export interface Observability {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly tracer: Tracer
  /** Writes out what is buffered. Called once per request, also after an error. */
  flush(): void | Promise<void>
}
