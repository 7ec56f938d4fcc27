import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { integerText, publicAccess, toJwk, toJwkSet } from '@mmf/framework'
import * as z from 'zod'
import { documentSignerKey } from '../keys.ts'
import { operation } from '../operation.ts'

/** A public key never changes under its (keyId, version); its state may, so caches are short. */
const maxAgeSeconds = 60

const Jwk = z.looseObject({ kty: z.string(), kid: z.string() })

/** SubjectPublicKeyInfo as PEM (RFC 7468 §13). */
const toPem = (jwk: z.input<typeof Jwk>): string =>
  createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()

export const getKeyVersion = operation({
  name: 'get_key_version',
  description: 'The public key of one version: JWK, or PEM for Accept: application/x-pem-file.',
  input: z.strictObject({ keyId: z.string().max(128), version: integerText({ min: 1, max: 1_000_000 }) }),
  output: Jwk,
  http: {
    method: 'GET',
    path: '/v1/keys/{keyId}/versions/{version}',
    representations: { 'application/x-pem-file': toPem, 'application/jwk+json': body => JSON.stringify(body) },
    maxAgeSeconds,
  },
  concerns: [publicAccess()],
  run: async ({ keyId, version }, { context, call }) => ({
    ...toJwk(await context.keys.version(keyId, version, { signal: call.signal })),
  }),
})

export const getKeySet = operation({
  name: 'get_key_set',
  description: 'Every document key that verifies, as a JWK Set (RFC 7517). Token keys are others and are not here.',
  input: z.strictObject({}),
  output: z.strictObject({ keys: z.array(Jwk) }),
  http: {
    method: 'GET',
    path: '/v1/keys/jwks',
    // RFC 7517 §8.5.2
    representations: { 'application/jwk-set+json': body => JSON.stringify(body) },
    maxAgeSeconds,
  },
  concerns: [publicAccess()],
  async run(_input, { context, call }) {
    const versions = await context.keys.versions({ signal: call.signal })
    const { keys } = toJwkSet(versions.filter(({ keyId }) => keyId.startsWith(`${documentSignerKey.name}-`)))
    return { keys: keys.map(jwk => ({ ...jwk })) }
  },
})
