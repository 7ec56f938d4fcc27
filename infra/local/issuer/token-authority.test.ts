import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { baseConfigSchema } from '../../../layer/framework/src/config/base-schema.ts'
import { tokenAuthority } from './token-authority.ts'

const whole = { issuer: 'https://i.example', audience: 'marty', jwks_uri: 'https://i.example/jwks' }
const base = (authentication: object) => baseConfigSchema.parse({ authentication })

describe('whose tokens count on this machine', () => {
  it('the issuer of this machine, only in development and testing and only where none is configured', () => {
    for (const environment of ['development', 'testing'] as const) {
      assert.equal(tokenAuthority(base({}), environment), 'embedded')
    }
    for (const environment of ['staging', 'production'] as const) {
      assert.throws(() => tokenAuthority(base({}), environment), { code: 'config_invalid', message: /is not set/ })
    }
  })

  it('the configured issuer wherever one is configured, whole or not at all', () => {
    for (const environment of ['development', 'testing', 'staging', 'production'] as const) {
      const authority = tokenAuthority(base(whole), environment)
      assert(authority !== 'embedded')
      assert.deepEqual(
        authority.map(({ issuer, audience, jwks_uri }) => ({ issuer, audience, jwks_uri })),
        [{ ...whole, audience: ['marty'] }],
      )
      for (const name of Object.keys(whole)) {
        const part = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name))
        const message = new RegExp(`authentication\\.${name} is not set`)
        assert.throws(() => tokenAuthority(base(part), environment), { code: 'config_invalid', message })
      }
    }
  })

  it('a further issuer alone, and a setting about tokens asks for the issuer it is for', () => {
    const authority = tokenAuthority(base({ issuers: { other: whole } }), 'development')
    assert(authority !== 'embedded')
    assert.deepEqual(
      authority.map(({ section, qualified }) => [section, qualified]),
      [['authentication.issuers.other', true]],
    )
    const message = /authentication\.issuer, authentication\.audience, authentication\.jwks_uri is not set/
    for (const stray of [{ preset: 'okta' }, { role_map: { a: { roles: ['b'] } } }, { claims: { subject: 'oid' } }]) {
      assert.throws(() => tokenAuthority(base({ ...stray, issuers: { other: whole } }), 'development'), { message })
    }
  })
})
