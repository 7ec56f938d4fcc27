import type { ServiceReply } from '../../contract/service-call.ts'
import { catalogue } from '../../errors/catalogue.ts'
import { MmfError } from '../../errors/mmf-error.ts'

/** The other side's credentials are refused: that is a fault of this deployment, and says nothing of the caller's own. */
const credentials: ReadonlySet<number> = new Set([401, 403])

/**
 * What a service of another deployment answered. Its errors are those that the operation would throw here; what it says of credentials, and what is no
 * answer of this API, is not.
 * @throws {MmfError} `service_unavailable`
 */
export function remoteReply(service: string, status: number, text: string): ServiceReply {
  const json = parsed(text)
  if (json === undefined) throw unavailable(service, `${status}, and no JSON`)
  if (status >= 200 && status < 300) return { output: json }
  const { code, detail, errors } = json as { code?: unknown; detail?: unknown; errors?: unknown }
  if (credentials.has(status) || status >= 500) throw unavailable(service, `${status} ${String(code ?? '')}`)
  if (typeof code !== 'string' || !Object.hasOwn(catalogue, code))
    throw unavailable(service, `${status} without a code`)
  return {
    error: {
      code,
      ...(typeof detail === 'string' && { detail }),
      ...(Array.isArray(errors) && { errors: errors as { path: string; message: string }[] }),
    },
  }
}

function parsed(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' ? json : undefined
  } catch {
    // A page of a proxy, for one; the status says what is known.
    return undefined
  }
}

const unavailable = (service: string, detail: string): MmfError =>
  new MmfError('service_unavailable', { detail: `${service} answered ${detail}` })
