import assert from 'node:assert/strict'
import type { Api } from './api.ts'
import type { Issuer } from './issuer.ts'

export interface Signed {
  readonly algorithm: string
  readonly keyId: string
  readonly keyVersion: number
  readonly signature: string
}

/** Signs a document and has the signature verified. @returns what was signed with */
export async function signAndVerify(api: Api, issuer: Issuer, algorithm = 'ECDSA-SHA256'): Promise<Signed> {
  const token = issuer.token({ roles: ['document_signer'], permissions: ['sign_documents'] })
  const document = Buffer.from(`a document for ${algorithm}`).toString('base64')
  const signed = await api('POST', '/v1/documents/sign', { token, body: { document, signingAlgorithm: algorithm } })
  assert.equal(signed.status, 201, signed.text)
  const { algorithm: name, keyId, keyVersion, signature } = signed.body as Signed
  const question = { document, signature: { algorithm: name, keyId, keyVersion, signature } }
  const verified = await api('POST', '/v1/documents/verify', { token, body: question })
  assert.deepEqual([verified.status, verified.body?.valid], [200, true], verified.text)
  const other = { ...question, document: Buffer.from('another').toString('base64') }
  const refused = await api('POST', '/v1/documents/verify', { token, body: other })
  assert.deepEqual([refused.status, refused.body?.valid], [200, false], refused.text)
  return signed.body
}
