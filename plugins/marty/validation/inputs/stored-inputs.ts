import { type Call, defined, MmfError } from '@mmf/framework'
import { type Certificate, isPkiError, parseCertificate, parseCrl, parseOcspResponse, prepareEvidence } from '@mmf/pki'
import { openDocument } from '../documents/document-input.ts'
import type { ValidationContext } from '../operation.ts'
import type { ValidationRow } from '../tables/validations.ts'
import { readEvidence } from './evidence-store.ts'
import { openInputList } from './input-list.ts'
import type { Inputs } from './inputs.ts'

/** What a stored verdict was made from, byte for byte. @throws {MmfError} `evidence_unavailable` */
export async function storedInputs(
  { certificate, inputs, anchorsGeneration }: ValidationRow,
  { database }: ValidationContext,
  { signal }: Call,
): Promise<{ readonly target: Certificate | Uint8Array; readonly inputs: Inputs }> {
  const [target, sealed] = await readEvidence(database, [certificate, inputs], signal)
  if (target === undefined || sealed === undefined) throw new MmfError('evidence_unavailable')
  const list = openInputList(sealed)
  const read = (hashes: readonly string[]) => readEvidence(database, hashes, signal)
  const crls = (await read(list.crls)).map(parseCrl)
  const ocspResponses = (await read(list.ocspResponses)).map(parseOcspResponse)
  const [document] = list.document === undefined ? [] : await read([list.document])
  return {
    target: certificateOrBytes(target),
    inputs: {
      list,
      intermediates: (await read(list.intermediates)).map(parseCertificate),
      withheld: (await read(list.withheld)).map(parseCertificate),
      anchors: (await read(list.anchors)).map(parseCertificate),
      anchorsGeneration,
      refused: list.refused,
      ...defined({ targetRefused: list.targetRefused, document: document && openDocument(document) }),
      crls,
      ocspResponses,
      evidence: prepareEvidence(crls, ocspResponses),
    },
  }
}

function certificateOrBytes(bytes: Uint8Array): Certificate | Uint8Array {
  try {
    return parseCertificate(bytes)
  } catch (cause) {
    if (!isPkiError(cause)) throw cause
    return bytes
  }
}
