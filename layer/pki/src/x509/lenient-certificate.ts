import { isPkiError } from '../errors.ts'
import { Certificate } from './certificate.ts'
import type { Extension } from './extension.ts'
import { decodeIfKnown } from './extensions/index.ts'

interface LenientView {
  readonly certificate: Certificate
  readonly departures: readonly string[]
}

const views = new WeakMap<Certificate, LenientView>()
const originals = new WeakMap<Certificate, Certificate>()

/**
 * The certificate with its extensions read leniently where DER does not do; itself where it does. `departures` says what was not DER. Only
 * the encoding is read leniently: what an extension says binds all the same, and one that BER cannot read either stays an error.
 */
export function lenientCertificate(certificate: Certificate): LenientView {
  const strict = strictCertificate(certificate)
  let view = views.get(strict)
  if (view === undefined) {
    view = createView(strict)
    views.set(strict, view)
  }
  return view
}

/** The certificate as it is by DER. */
export function strictCertificate(certificate: Certificate): Certificate {
  return certificate.isLenient ? (originals.get(certificate) ?? new Certificate(certificate.der)) : certificate
}

function createView(strict: Certificate): LenientView {
  const departures: string[] = []
  for (const extension of strict.extensions) {
    const reason = faultOf(extension)
    if (reason !== undefined && faultOf(extension.lenient()) === undefined) departures.push(reason)
  }
  if (departures.length === 0) return { certificate: strict, departures }
  const certificate = new Certificate(strict.der, true)
  originals.set(certificate, strict)
  return { certificate, departures }
}

function faultOf(extension: Extension): string | undefined {
  try {
    if (!decodeIfKnown(extension)) extension.assertDer()
    return undefined
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return cause.message
  }
}
