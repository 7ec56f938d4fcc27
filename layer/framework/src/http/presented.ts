import type { Call } from '../contract/call.ts'
import type { Presentation } from '../contract/operation/operation.ts'
import { defined } from '../defined.ts'
import type { HttpResult } from './lambda-types.ts'

/** The answer in the form that its operation gives it; 304 without a body where the client has this very answer (RFC 9110 §13.1.2). */
export function presented(answer: HttpResult, presentation: Presentation, call: Pick<Call, 'ifNoneMatch'>): HttpResult {
  const { body, isBase64 = false, mediaType, etag, headers = {} } = presentation
  const own = { ...headers, ...(etag === undefined ? {} : { etag, 'cache-control': 'private, no-cache' }) }
  if (etag !== undefined && hasEtag(call.ifNoneMatch, etag)) return { statusCode: 304, headers: own }
  return {
    ...answer,
    headers: { ...answer.headers, ...own, ...defined({ 'content-type': mediaType }) },
    ...defined({ body }),
    ...(isBase64 ? { isBase64Encoded: true } : {}),
  }
}

/** Whether an If-None-Match names this ETag; compared weakly, as RFC 9110 §13.1.2 wants. */
export function hasEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = (text: string) => text.replace(/^W\//, '')
  const given = ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? []
  return given.some(candidate => opaque(candidate) === opaque(etag))
}
