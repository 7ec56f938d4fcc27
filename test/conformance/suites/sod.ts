import { verifySignedData } from '../../../layer/pki/src/cms/verify-signed-data.ts'
import { isPkiError } from '../../../layer/pki/src/errors.ts'
import { compareDataGroups } from '../../../layer/pki/src/icao/data-groups.ts'
import { parseSod } from '../../../layer/pki/src/icao/sod.ts'
import { indexByName, openData, readJson } from '../archive.ts'
import type { CaseResult, SuiteOptions } from '../case.ts'

interface SodVector {
  id: string
  file: string
  expected: 'ok' | 'error'
  /** True: strict. False: id-data is allowed as content type. Null: upstream tried both. */
  strictMode: boolean | null
  /** Whether upstream also verifies the signature, under the embedded certificate. */
  verifiesSignature: boolean
  /** Whether the security object holds the hash of the data group. */
  dataGroups: { dg: string; hex: string; contained: boolean }[]
}

/** EF.SOD vectors: parsed, the signature verified where the vector asks for it, every data group compared. No anchors are involved. */
export async function* run({ data, only }: SuiteOptions): AsyncGenerator<CaseResult> {
  const files = indexByName(openData(data))
  const index = files.get('sod-vectors.json')
  if (index === undefined) throw new Error(`no sod-vectors.json in ${data}`)
  const { vectors } = readJson(index) as { vectors: SodVector[] }
  for (const vector of vectors) {
    if (only !== undefined && only !== vector.id) continue
    const file = files.get(vector.file)
    const started = performance.now()
    const outcome = file === undefined ? { got: '', error: `${vector.file} is missing` } : judge(vector, file.read())
    yield { id: vector.id, expected: vector.expected, ...outcome, elapsedMs: performance.now() - started }
  }
}

function judge(vector: SodVector, bytes: Uint8Array): Pick<CaseResult, 'got' | 'reason' | 'error'> {
  try {
    const sod = parseSod(bytes, { allowDataContentType: vector.strictMode === false })
    if (vector.verifiesSignature) {
      // Doc 9303-12 §4.4 wants the curve spelt out.
      const verdict = verifySignedData(sod.signedData, { policy: { explicitCurves: true } })
      const codes = [...verdict.findings, ...verdict.signers.flatMap(signer => signer.findings)].map(
        finding => finding.code,
      )
      if (!verdict.valid) return { got: 'error', reason: codes.join(', ') }
    }
    const wrong = vector.dataGroups.filter(group => isContained(group, sod.securityObject) !== group.contained)
    if (wrong.length > 0) return { got: 'wrong hashes', reason: wrong.map(group => group.dg).join(', ') }
    return { got: 'ok' }
  } catch (error) {
    if (isPkiError(error)) return { got: 'error', reason: `${error.code}: ${error.message}` }
    return { got: '', error: String(error) }
  }
}

function isContained(group: SodVector['dataGroups'][number], object: Parameters<typeof compareDataGroups>[0]): boolean {
  const number = Number(group.dg.replace('DG', ''))
  const results = compareDataGroups(object, [{ number, content: Uint8Array.from(Buffer.from(group.hex, 'hex')) }])
  return results.find(result => result.number === number)?.status === 'match'
}
