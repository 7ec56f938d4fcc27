import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Principal } from '../../contract/call.ts'
import type { MmfError } from '../../errors/mmf-error.ts'
import { authenticateRequest } from './authenticate-request.ts'
import type { Authenticated, Authenticator, CredentialKind, CredentialRequest } from './authenticator.ts'
import { tokenError } from './bearer-token.ts'
import { iamAuthenticator } from './iam-authenticator.ts'
import { requirePrincipal } from './require-principal.ts'
import { tokenAuthenticator } from './token-authenticator.ts'
import { withCode } from './tokens.fixture.ts'

const { signal } = new AbortController()
const who = (subject: string): Principal => ({ subject, roles: [], permissions: [], method: 'jwt' })

/** Shows its credential in the header of its name; counts what it verifies. */
function kindOf(kind: CredentialKind, about: Omit<Authenticated, 'principal'> = {}) {
  const verified: string[] = []
  const authenticator: Authenticator = {
    kind,
    find({ headers: { [kind]: name } }) {
      if (name === undefined) return undefined
      return {
        kind,
        async verify() {
          verified.push(name)
          if (name === 'bad') throw tokenError('token_expired')
          return { principal: who(name), ...about }
        },
      }
    },
  }
  return { authenticator, verified }
}

const request = (headers: Record<string, string>, iam?: object): CredentialRequest =>
  ({ headers, requestContext: iam === undefined ? {} : { authorizer: { iam } } }) as never

describe('a request is of one principal', () => {
  const ask = (authenticators: readonly Authenticator[], headers: Record<string, string>) =>
    authenticateRequest(authenticators, request(headers), { signal })
  const token = kindOf('token')
  const bound = kindOf('token', { boundTo: ['client_certificate'] })
  const key = kindOf('api_key')
  const certificate = kindOf('client_certificate')

  it('of none without a credential, and where no authenticator reads what it shows', async () => {
    assert.equal(await ask([token.authenticator], {}), undefined)
    assert.equal(await ask([token.authenticator], { api_key: 'ann' }), undefined)
    assert.equal(await ask([], { token: 'ann' }), undefined)
    await assert.rejects(
      requirePrincipal([], request({ token: 'ann' }), { signal }),
      withCode('authentication_required'),
    )
  })

  it('of the one that its credential proves', async () => {
    const kinds = [token.authenticator, key.authenticator]
    assert.equal((await ask(kinds, { api_key: 'ann' }))?.subject, 'ann')
    assert.equal((await requirePrincipal(kinds, request({ token: 'bob' }), { signal })).subject, 'bob')
    await assert.rejects(ask(kinds, { token: 'bad' }), withCode('token_expired'))
  })

  it('of none with two credentials, good or bad', async () => {
    const kinds = [certificate.authenticator, token.authenticator, key.authenticator]
    for (const shown of [
      { token: 'ann', api_key: 'ann' },
      { api_key: 'ann', client_certificate: 'ann' },
      { token: 'ann', client_certificate: 'ann' },
      { token: 'ann', client_certificate: 'ann', api_key: 'ann' },
    ]) {
      await assert.rejects(ask(kinds, shown), (error: MmfError) => {
        assert.equal(error.code, 'credentials_conflict')
        assert.match(String(error.detail), new RegExp(Object.keys(shown).at(-1) ?? ''))
        return true
      })
    }
    assert.deepEqual(certificate.verified, [])
  })

  it('of the one of a token that is bound to all others', async () => {
    const kinds = [bound.authenticator, certificate.authenticator, key.authenticator]
    assert.equal((await ask(kinds, { token: 'ann', client_certificate: 'bob' }))?.subject, 'ann')
    const more = { token: 'ann', client_certificate: 'bob', api_key: 'ann' }
    await assert.rejects(ask(kinds, more), withCode('credentials_conflict'))
    await assert.rejects(ask(kinds, { token: 'bad', client_certificate: 'bob' }), withCode('token_expired'))
  })
})

describe('a caller with an AWS signature', () => {
  const role = 'arn:aws:sts::123456789012:assumed-role/importer'
  const user = 'arn:aws:iam::123456789012:user/team/ann'
  const kinds = [
    tokenAuthenticator({ verify: async () => who('token') }),
    iamAuthenticator({
      [role]: { roles: ['document_signer'], permissions: ['sign_documents'] },
      [user]: { roles: [], permissions: [] },
    }),
  ]
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/20261130/eu-central-1/execute-api/aws4_request' }
  const ask = (iam: object | undefined, shown: Record<string, string> = headers) =>
    authenticateRequest(kinds, request(shown, iam), { signal })

  it('is what the configuration says of its identity; every session of a role is one principal', async () => {
    const asked = ['one', 'two'].map(session => ask({ userArn: `${role}/${session}` }))
    for (const principal of await Promise.all(asked)) {
      assert.deepEqual(principal, {
        subject: `iam#${role}`,
        roles: ['document_signer'],
        permissions: ['sign_documents'],
        method: 'iam',
      })
    }
    assert.equal((await ask({ userArn: user }))?.subject, `iam#${user}`)
  })

  it('is refused without a rule, and an identity of another form is none', async () => {
    for (const userArn of [
      'arn:aws:sts::123456789012:assumed-role/importer2/one',
      'arn:aws:sts::999999999999:assumed-role/importer/one',
      `${role}/one/two`,
      'arn:aws:iam::123456789012:user/ann',
      'constructor',
      '__proto__',
      '',
      null,
      7,
    ]) {
      await assert.rejects(ask({ userArn }), withCode('access_denied'), String(userArn))
    }
  })

  it('is no caller where the gateway has verified no signature', async () => {
    for (const iam of [undefined, {}]) await assert.rejects(ask(iam), withCode('authentication_required'))
    assert.equal((await ask(undefined, { authorization: 'Bearer a.b.c' }))?.subject, 'token')
    const both = ask({ userArn: user }, { authorization: 'Bearer a.b.c' })
    await assert.rejects(both, withCode('credentials_conflict'), 'signed in the query, with a token in the header')
  })
})
