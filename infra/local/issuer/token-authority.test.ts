import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BaseConfig } from '@mmf/framework/embedded'
import { tokenAuthority } from './token-authority.ts'

const defaults = { algorithms: ['ES256' as const], clock_leeway_seconds: 30, jwks_cache_seconds: 600 }
const whole = { issuer: 'https://i.example', audience: 'marty', jwks_uri: 'https://i.example/jwks' }
const base = (given: Partial<typeof whole>): Pick<BaseConfig, 'authentication'> => ({
  authentication: { ...defaults, ...given },
})

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
      assert.deepEqual(tokenAuthority(base(whole), environment), { ...defaults, ...whole })
      for (const name of Object.keys(whole)) {
        const part = Object.fromEntries(Object.entries(whole).filter(([key]) => key !== name))
        const message = new RegExp(`authentication\\.${name} is not set`)
        assert.throws(() => tokenAuthority(base(part), environment), { code: 'config_invalid', message })
      }
    }
  })
})
