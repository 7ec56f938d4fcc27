import {
  type Certificate,
  type CertificateList,
  type OcspResponse,
  prepareEvidence,
  type RevocationEvidence,
} from '@mmf/pki'
import type { DocumentInput } from '../documents/document-input.ts'
import type { SharedRequest } from '../schemas.ts'
import type { InputList, Refused } from './input-list.ts'
import type { FetchNote } from './note.ts'
import { readCertificates, readCrls, readOcspResponses } from './read-input.ts'

/** Everything a validation looks at beside the certificate in question, read once. */
export interface Inputs extends Helpers {
  readonly anchors: readonly Certificate[]
  readonly anchorsGeneration: 'request' | number
  /** Of the intermediates that came with the request, those the trust store took out. No part of the verdict. */
  readonly withheld: readonly Certificate[]
  /** What the trust store held back, with the reasons. */
  readonly refused: readonly Refused[]
  /** The trust store refuses the certificate itself. */
  readonly targetRefused?: Refused
  /** What became of the addresses that certificates name; absent where none was to be asked. No part of the verdict. */
  readonly fetched?: readonly FetchNote[]
  /** The travel document that the certificate in question signed. */
  readonly document?: DocumentInput
  /** All of this by hash. */
  readonly list: InputList
}

/** What a request brings itself. */
export interface Helpers {
  readonly intermediates: readonly Certificate[]
  readonly crls: readonly CertificateList[]
  readonly ocspResponses: readonly OcspResponse[]
  readonly evidence: RevocationEvidence
}

/**
 * @param stored the lists that the request names instead of bringing them
 * @throws {MmfError} `certificate_malformed`, `crl_malformed`, `ocsp_malformed`, `validation_failed`
 */
export function readHelpers(request: SharedRequest, stored: readonly CertificateList[]): Helpers {
  const crls = [...readCrls(request.crls), ...stored]
  const ocspResponses = readOcspResponses(request.ocspResponses)
  return {
    intermediates: readCertificates(request.intermediates, 'intermediates'),
    crls,
    ocspResponses,
    evidence: prepareEvidence(crls, ocspResponses),
  }
}
