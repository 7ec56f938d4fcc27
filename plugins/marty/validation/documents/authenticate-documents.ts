import { type Call, defined } from '@mmf/framework'
import type { Target } from '../evaluation/candidates.ts'
import { readCertificates } from '../inputs/read-input.ts'
import type { ValidationContext } from '../operation.ts'
import { validate } from '../operations/validate.ts'
import { compatibilityNames } from '../schemas.ts'
import type { Validation } from '../verdicts/verdict-schema.ts'
import { certificatesFromSod } from './certificates-from-sod.ts'
import type { PassiveAuthenticationRequest } from './document-schemas.ts'
import { findSigner } from './find-signer.ts'
import { readDocument } from './read-document.ts'

type DocumentField = 'sod' | 'dataGroups' | 'issuingState' | 'activeAuthentication'

interface Placed extends Pick<PassiveAuthenticationRequest, DocumentField> {
  /** What its place in the request is called, a dot at the end. */
  readonly at: string
}

/** A verdict for each document. Nothing is stored unless all could be read and have a signer to be judged. */
export async function authenticateDocuments(
  documents: readonly Placed[],
  { compatibilities = [], ...request }: Omit<PassiveAuthenticationRequest, DocumentField>,
  environment: { readonly context: ValidationContext; readonly call: Call },
): Promise<readonly Validation[]> {
  const given = readCertificates(request.intermediates, 'intermediates')
  const read = documents.map(document => readDocument({ ...document, compatibilities }, document.at))
  const targets: Target[] = []
  for (const [index, { document, sod }] of read.entries()) {
    const target = await findSigner(sod, given, documents[index]?.at ?? '', environment)
    const others = certificatesFromSod(sod).filter(({ fingerprint }) => fingerprint !== target.fingerprint)
    targets.push({ target, others, document })
  }
  const forChain = compatibilityNames.filter(name => compatibilities.includes(name))
  const shared = {
    profile: 'icao-dsc',
    ...defined({ compatibilities: forChain.length === 0 ? undefined : forChain }),
  } as const
  return validate({ ...request, ...shared }, () => targets, environment)
}
