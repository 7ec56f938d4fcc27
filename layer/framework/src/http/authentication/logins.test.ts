import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { baseConfigSchema } from '../../config/base-schema.ts'
import { requireIssuers } from '../../config/require-issuers.ts'
import { isMmfError } from '../../errors/mmf-error.ts'
import { configuredRules } from './claim-rules.ts'
import { type LoginName, logins, type TokenShape, tenant } from './logins.fixture.ts'
import { staticKeySource } from './static-key-source.ts'
import { createIssuersVerifier, type TokenVerifier } from './token-verifier.ts'
import { testClock, testKey, testNow, tokenOf, withCode } from './tokens.fixture.ts'

const signer = { roles: ['document_signer'], permissions: ['sign_documents'] }
const keys = { cognito: testKey('ES256', 'k'), okta: testKey('ES256', 'k') }
const keyOf = (name: LoginName) => (name === 'okta' ? keys.okta : keys.cognito)

function verifierOf(authentication: object): TokenVerifier {
  const base = baseConfigSchema.parse({ authentication })
  const configs = requireIssuers(base, 'testing')
  return createIssuersVerifier(
    configs.map(config => ({
      issuer: config.issuer,
      audience: config.audience,
      rules: configuredRules(
        config,
        configs.filter(other => other !== config),
      ),
      jwks: staticKeySource({ keys: [keyOf(config.section.endsWith('okta') ? 'okta' : 'cognito').jwk] }),
      algorithms: config.algorithms,
      clock: testClock(),
    })),
  )
}

/** An issuer with the name, the audience and the preset of the fixture. */
function issuerOf(name: LoginName, settings: object = {}) {
  const { iss, aud, client_id: client } = logins[name].access as TokenShape
  const [audience] = [client ?? aud].flat()
  return {
    issuer: iss,
    audience,
    jwks_uri: 'https://issuer.example/jwks',
    ...(name === 'other' ? {} : { preset: name }),
    ...settings,
  }
}

const only = (name: LoginName, settings: object = {}) => verifierOf({ issuers: { [name]: issuerOf(name, settings) } })

const times = { iat: testNow / 1000 - 60, exp: testNow / 1000 + 300 }
const tokenFor = (name: LoginName, claims: TokenShape = logins[name].access, key = keyOf(name)) =>
  tokenOf(key, { ...times, ...claims }, logins[name].header)

async function grantsOf(verifier: TokenVerifier, token: string) {
  const { roles, permissions } = await verifier.verify(token)
  return { roles, permissions }
}

async function refusedClaim(verifier: TokenVerifier, token: string): Promise<unknown> {
  const error = await verifier.verify(token).catch((cause: unknown) => cause)
  assert(isMmfError(error, 'token_claim_invalid'), String(error))
  return error.members['claim']
}

describe('claims of several kinds of issuers', () => {
  for (const name of ['cognito', 'keycloak', 'entra', 'auth0', 'okta'] as const) {
    it(`${name}: groups, roles and scopes that no map names give nothing, and count under their own names only where that is configured`, async () => {
      const token = tokenFor(name, logins[name].withRoles(['document_signer']))
      const claims = name === 'auth0' ? { claims: { roles: ['https://marty.example.com/roles'] } } : {}
      assert.deepEqual(await grantsOf(only(name, claims), token), { roles: [], permissions: [] })
      const open = await grantsOf(only(name, { ...claims, accept_unmapped: ['roles'] }), token)
      assert.deepEqual([open.roles.includes('document_signer'), open.permissions], [true, []])
      const mapped = only(name, { ...claims, role_map: { document_signer: { permissions: ['sign_documents'] } } })
      assert.deepEqual(await grantsOf(mapped, token), { roles: [], permissions: ['sign_documents'] })
    })

    it(`${name}: a claim of another form refuses the token`, async () => {
      const claims = name === 'auth0' ? { claims: { roles: ['https://marty.example.com/roles'] } } : {}
      for (const roles of ['document-signers', [1], { 0: 'a' }, null, [['a']], 7, true]) {
        assert.equal(
          typeof (await refusedClaim(only(name, claims), tokenFor(name, logins[name].withRoles(roles)))),
          'string',
        )
      }
    })
  }

  it('keycloak: the roles of other clients are not read, and an object that is none refuses the token', async () => {
    const { access } = logins.keycloak
    const elsewhere = { ...access, resource_access: { account: { roles: ['document-signer'] } } }
    const verifier = only('keycloak', { role_map: { 'document-signer': signer } })
    assert.deepEqual(await grantsOf(verifier, tokenFor('keycloak', elsewhere)), { roles: [], permissions: [] })
    for (const broken of [
      { realm_access: 'x' },
      { realm_access: null },
      { resource_access: [] },
      { realm_access: ['roles'] },
    ]) {
      const claim = await refusedClaim(verifier, tokenFor('keycloak', { ...access, ...broken }))
      assert.equal(claim, Object.keys(broken)[0])
    }
    for (const typ of ['Refresh', 'DPoP', 'Offline', 'bearer', undefined, ['Bearer']]) {
      assert.equal(await refusedClaim(verifier, tokenFor('keycloak', { ...access, typ })), 'typ')
    }
  })

  it('cognito: the client is the audience, and an audience beside it must name us too', async () => {
    const { access } = logins.cognito
    const verifier = only('cognito', { audience: ['1example23456789', 'https://marty.example.com'] })
    await verifier.verify(tokenFor('cognito', { ...access, aud: 'https://marty.example.com' }))
    assert.equal(
      await refusedClaim(verifier, tokenFor('cognito', { ...access, aud: 'https://else.example.com' })),
      'aud',
    )
    assert.equal(await refusedClaim(verifier, tokenFor('cognito', { ...access, client_id: 'else' })), 'client_id')
    assert.equal(await refusedClaim(verifier, tokenFor('cognito', { ...access, client_id: undefined })), 'client_id')
    assert.equal(
      await refusedClaim(verifier, tokenFor('cognito', { ...access, client_id: ['1example23456789'] })),
      'client_id',
    )
  })

  it('entra: the tenant is the one of the issuer, and tokens of both versions are one principal', async () => {
    const { access } = logins.entra
    const v1 = `https://sts.windows.net/${tenant}/`
    const verifier = only('entra', { issuer_aliases: [v1] })
    const one = await verifier.verify(tokenFor('entra'))
    const two = await verifier.verify(tokenFor('entra', { ...access, iss: v1, azp: undefined, appid: 'x', ver: '1.0' }))
    assert.deepEqual(two, one)
    for (const tid of ['99999999-2222-3333-4444-555555555555', undefined, 7, '', 'v2']) {
      assert.equal(await refusedClaim(verifier, tokenFor('entra', { ...access, tid })), 'tid')
    }
    assert.equal(await refusedClaim(only('entra'), tokenFor('entra', { ...access, iss: v1 })), 'iss')
  })

  it('entra: a person in too many groups has no roles from them', async () => {
    const overage = {
      _claim_names: { groups: 'src1' },
      _claim_sources: { src1: { endpoint: 'https://graph.example' } },
    }
    const verifier = only('entra', { claims: { roles: ['groups'] }, role_map: { g: signer } })
    assert.deepEqual((await verifier.verify(tokenFor('entra', { ...logins.entra.access, ...overage }))).roles, [])
    assert.deepEqual(
      (await verifier.verify(tokenFor('entra', { ...logins.entra.access, groups: ['g'] }))).roles,
      signer.roles,
    )
  })

  it('a name of a claim is taken whole, and members that every object has are no claims', async () => {
    const nested = { ...logins.auth0.access, 'https://marty.example.com/roles': undefined, https: { roles: ['a'] } }
    const settings = { claims: { roles: ['https://marty.example.com/roles', ['constructor', 'name'], 'toString'] } }
    const verifier = only('auth0', { ...settings, accept_unmapped: ['roles'] })
    assert.deepEqual((await verifier.verify(tokenFor('auth0', nested))).roles, [])
    const dotted = { ...logins.okta.access, 'a.b': ['x'], a: { b: ['y'] } }
    const read = async (path: unknown) =>
      (await only('okta', { claims: { roles: [path] }, accept_unmapped: ['roles'] }).verify(tokenFor('okta', dotted)))
        .roles
    assert.deepEqual([await read('a.b'), await read(['a', 'b'])], [['x'], ['y']])
  })

  it('further claims can be required', async () => {
    const verifier = only('other', { required_claims: { environment: ['production', 'staging'] } })
    await verifier.verify(tokenFor('other'))
    for (const environment of ['development', undefined, ['production'], '']) {
      assert.equal(
        await refusedClaim(verifier, tokenFor('other', { ...logins.other.access, environment })),
        'environment',
      )
    }
  })
})

describe('several issuers', () => {
  const both = verifierOf({ issuers: { cognito: issuerOf('cognito'), okta: issuerOf('okta') } })

  it('a token is judged by the keys and rules of the issuer that it names alone', async () => {
    assert.equal((await both.verify(tokenFor('cognito'))).issuer, logins.cognito.access['iss'])
    assert.equal((await both.verify(tokenFor('okta'))).issuer, logins.okta.access['iss'])
    const crossed = tokenFor('okta', logins.okta.access, keys.cognito)
    await assert.rejects(both.verify(crossed), withCode('token_signature_invalid'))
    const asCognito = tokenFor('okta', { ...logins.okta.access, iss: logins.cognito.access['iss'] }, keys.cognito)
    assert.equal(await refusedClaim(both, asCognito), 'aud')
    for (const iss of ['https://else.example', undefined, ['https://example.okta.com/oauth2/default'], null]) {
      assert.equal(await refusedClaim(both, tokenFor('okta', { ...logins.okta.access, iss })), 'iss')
    }
  })

  it('one subject of two issuers is two principals, and the first issuer can name no subject of another one', async () => {
    const { issuer, audience, jwks_uri } = issuerOf('cognito')
    const okta = issuerOf('okta')
    const verifier = verifierOf({ issuer, audience, jwks_uri, preset: 'cognito', issuers: { okta } })
    const alice = { sub: 'alice' }
    const subjects = [
      (await verifier.verify(tokenFor('cognito', { ...logins.cognito.access, ...alice }))).subject,
      (await verifier.verify(tokenFor('okta', { ...logins.okta.access, ...alice }))).subject,
    ]
    assert.deepEqual(subjects, ['alice', `${okta.issuer}#alice`])
    const posing = tokenFor('cognito', { ...logins.cognito.access, sub: subjects[1] })
    assert.equal(await refusedClaim(verifier, posing), 'sub')
  })

  it('configurations that leave it open whose token it is, or hold it against nothing, are refused by name', () => {
    const okta = issuerOf('okta')
    const refuse = (authentication: object, environment: 'testing' | 'production', message: RegExp) =>
      assert.throws(() => requireIssuers(baseConfigSchema.parse({ authentication }), environment), {
        code: 'config_invalid',
        message,
      })
    refuse(
      { issuers: { a: okta, b: okta } },
      'testing',
      /issuers\.b answers to an "iss" that is in authentication\.issuers\.a too/,
    )
    refuse(
      { issuers: { a: okta, b: { ...okta, issuer: 'https://b', issuer_aliases: [okta.issuer] } } },
      'testing',
      /issuers\.b/,
    )
    refuse(
      { issuers: { a: { ...okta, audience: undefined } } },
      'testing',
      /authentication\.issuers\.a\.audience is not set/,
    )
    refuse({ issuers: { a: { ...okta, issuer: 'https://a#b' } } }, 'testing', /issuers\.a\.issuer must not contain "#"/)
    refuse(
      { issuers: { a: { ...okta, jwks_uri: 'http://127.0.0.1/k' } } },
      'production',
      /issuers\.a\.jwks_uri must be an https/,
    )
    for (const bad of [
      { preset: 'google' },
      { audience: [] },
      { claims: { roles: 'groups' } },
      { role_map: { a: ['b'] } },
      { claims: { audience: [] } },
    ]) {
      assert.equal(
        baseConfigSchema.safeParse({ authentication: { issuers: { a: { ...okta, ...bad } } } }).success,
        false,
      )
    }
  })
})
