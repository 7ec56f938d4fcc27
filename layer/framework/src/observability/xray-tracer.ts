import type { Tracer as PowertoolsTracer } from '@aws-lambda-powertools/tracer'
import { isMmfError } from '../errors/mmf-error.ts'
import type { Span, Tracer } from './observability.ts'
import { createSanitizer, type Sanitizer } from './sanitizer.ts'
import { createSpanTags, spanError, type TagValue } from './span-tags.ts'
import type { IdentifiedSpan } from './trace-context.ts'
import { untraced } from './untraced.ts'

type Segment = NonNullable<ReturnType<PowertoolsTracer['getSegment']>>
type Subsegment = ReturnType<Segment['addNewSubsegment']>

/** X-Ray takes these as annotations, which can be searched for; everything else is metadata. */
const annotationName = /^[A-Za-z0-9_]{1,500}$/
/** What X-Ray allows in a name besides letters and digits. */
const notInNames = /[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu

/**
 * Spans as X-Ray subsegments, through Powertools' Tracer, which is loaded here and only here: 125 KB and 40 ms that a function without
 * tracing does not pay.
 *
 * The parent is passed, and X-Ray's own current segment is only asked for the topmost span, so overlapping requests do not mix.
 */
export async function createXrayTracer(options: { readonly serviceName: string }): Promise<Tracer> {
  const { Tracer: Powertools } = await import('@aws-lambda-powertools/tracer')
  // Its patches of http and fetch find their parent in a context of the whole process.
  const tracer = new Powertools({ serviceName: options.serviceName, captureHTTPsRequests: false })
  if (!tracer.isTracingEnabled()) return untraced
  const sanitizer = createSanitizer()
  return {
    async span(name, tags, work, parent) {
      const above = parent instanceof XraySpan ? parent.subsegment : tracer.getSegment()
      if (above === undefined) return untraced.span(name, tags, work, parent)
      const subsegment = above.addNewSubsegment(sanitizer.text(name).replaceAll(notInNames, '_').slice(0, 200))
      const span = new XraySpan(name, rootId(parent, tracer), subsegment, sanitizer)
      for (const [key, value] of Object.entries(createSpanTags(sanitizer, tags).all)) span.setTag(key, value)
      try {
        return await work(span)
      } catch (error) {
        markError(subsegment, error, sanitizer)
        throw error
      } finally {
        subsegment.close()
      }
    },
  }
}

class XraySpan implements IdentifiedSpan {
  readonly name: string
  readonly traceId: string
  readonly sampled: boolean
  readonly subsegment: Subsegment
  readonly #sanitizer: Sanitizer

  constructor(name: string, traceId: string, subsegment: Subsegment, sanitizer: Sanitizer) {
    this.name = name
    this.traceId = traceId
    this.sampled = !subsegment.notTraced
    this.subsegment = subsegment
    this.#sanitizer = sanitizer
  }

  get spanId(): string {
    return this.subsegment.id
  }

  setTag(key: string, value: TagValue): void {
    for (const [name, clean] of Object.entries(createSpanTags(this.#sanitizer, { [key]: value }).all)) {
      if (annotationName.test(name)) this.subsegment.addAnnotation(name, clean)
      else this.subsegment.addMetadata(name, clean)
    }
  }
}

function rootId(parent: Span | undefined, tracer: PowertoolsTracer): string {
  if (parent instanceof XraySpan) return parent.traceId
  // `1-<time>-<unique>` is the W3C id with two dashes and a version.
  return (tracer.getRootXrayTraceId() ?? '').slice(2).replace('-', '')
}

/** A refusal of the client's request is an error to X-Ray, everything else a fault. */
function markError(subsegment: Subsegment, error: unknown, sanitizer: Sanitizer): void {
  const { name, message, code } = spanError(error, sanitizer)
  if (code !== undefined) subsegment.addAnnotation('error_code', code)
  if (isMmfError(error) && error.entry.status < 500) subsegment.addErrorFlag()
  else subsegment.addError(`${name}: ${message}`)
}
