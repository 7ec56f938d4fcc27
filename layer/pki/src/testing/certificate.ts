import * as der from '../der/writer.ts'
import type { TestKey } from './keys.ts'
import { type NameInput, name } from './names.ts'
import { defaultAlgorithm, type SigningOptions, signed, signingAlgorithms } from './signing.ts'
import { testDay } from './times.ts'

/** Everything a certificate says; what is left out has a usual value. */
export interface CertificateTemplate extends SigningOptions {
  readonly subject: NameInput
  readonly issuer: NameInput
  readonly key: TestKey | { readonly spki: Uint8Array }
  readonly signer: TestKey
  /** Default 1. Bytes are an unsigned magnitude. */
  readonly serial?: number | bigint | Uint8Array
  /** Default: a year before testTime. */
  readonly notBefore?: Date
  /** Default: a year after testTime. */
  readonly notAfter?: Date
  /** Finished DER Extensions; an empty list leaves the field out. */
  readonly extensions?: readonly Uint8Array[]
  /** 1, 2 or 3. Default 3 (the number is written even where it contradicts the fields). */
  readonly version?: number
}

/** A DER certificate, really signed. */
export function issueCertificate(template: CertificateTemplate): Uint8Array {
  const { extensions = [], version = 3 } = template
  const algorithm =
    template.identifier ?? signingAlgorithms[template.algorithm ?? defaultAlgorithm(template.signer)].identifier
  const tbs = der.sequence(
    ...(version === 1 ? [] : [der.explicit(0, der.integer(version - 1))]),
    der.integer(template.serial ?? 1),
    algorithm,
    name(template.issuer),
    der.sequence(der.time(template.notBefore ?? testDay(-365)), der.time(template.notAfter ?? testDay(365))),
    name(template.subject),
    template.key.spki,
    ...(extensions.length === 0 ? [] : [der.explicit(3, der.sequence(...extensions))]),
  )
  return signed(tbs, template.signer, template)
}
