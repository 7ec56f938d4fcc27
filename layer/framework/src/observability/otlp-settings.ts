import { MmfError } from '../errors/mmf-error.ts'

export interface OtlpSettings {
  /** Where spans are sent to, whole. */
  readonly endpoint: string
  /** They may hold a credential. */
  readonly headers: Readonly<Record<string, string>>
  readonly service: string
}

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Where spans go, from the variables of OpenTelemetry's exporters: `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` as it is, else `OTEL_EXPORTER_OTLP_ENDPOINT` with
 * `/v1/traces`; `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_SERVICE_NAME`. Undefined where no address is set.
 * @throws {MmfError} `config_invalid` for an address or headers that are none, or a protocol that is not spoken
 */
export function otlpSettings(env: Variables, service: string): OtlpSettings | undefined {
  const whole = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || undefined
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined
  if (whole === undefined && base === undefined) return undefined
  const name = whole === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
  const address = whole ?? base ?? ''
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '') {
    throw refused(name, 'expected the http or https address of a collector, without credentials or query')
  }
  const protocol = env['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json'
  if (protocol !== 'http/json') throw refused('OTEL_EXPORTER_OTLP_PROTOCOL', 'only http/json is spoken')
  if (whole === undefined) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`
  const headers = headersOf(env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '')
  return { endpoint: url.href, headers, service: env['OTEL_SERVICE_NAME'] || service }
}

/** `name=value,name=value`, values percent-encoded (W3C Baggage, as the exporters read it). */
function headersOf(text: string): Record<string, string> {
  const wrong = () => refused('OTEL_EXPORTER_OTLP_HEADERS', 'expected name=value, separated by commas')
  const pairs = text.split(',').filter(pair => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map(pair => {
      const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*([\x21-\x7e]*)\s*$/.exec(pair) ?? []
      if (name === undefined || value === undefined) throw wrong()
      try {
        return [name.toLowerCase(), decodeURIComponent(value)]
      } catch {
        throw wrong()
      }
    }),
  )
}

function refused(variable: string, reason: string): MmfError {
  return new MmfError('config_invalid', {
    detail: `environment variable ${variable}: ${reason}`,
    errors: [{ path: variable, message: reason }],
  })
}
