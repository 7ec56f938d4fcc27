import type { Certificate, CertificateList, OcspResponse, RevocationEvidence } from '@mmf/pki'
import { prepareEvidence } from '@mmf/pki'
import { readCertificates, readCrls, readOcspResponses } from './read-input.ts'
import type { SharedRequest } from './schemas.ts'

/** Everything a validation looks at beside the certificate in question, read once. */
export interface Inputs {
  readonly intermediates: readonly Certificate[]
  readonly anchors: readonly Certificate[]
  readonly anchorsGeneration: 'request' | number
  readonly crls: readonly CertificateList[]
  readonly ocspResponses: readonly OcspResponse[]
  readonly evidence: RevocationEvidence
}

/** The inputs a request carries itself. @throws {MmfError} `certificate_malformed`, `crl_malformed`, `ocsp_malformed` */
export function readHelpers(request: SharedRequest): Omit<Inputs, 'anchors' | 'anchorsGeneration'> {
  const crls = readCrls(request.crls)
  const ocspResponses = readOcspResponses(request.ocspResponses)
  return {
    intermediates: readCertificates(request.intermediates, 'intermediates'),
    crls,
    ocspResponses,
    evidence: prepareEvidence(crls, ocspResponses),
  }
}
