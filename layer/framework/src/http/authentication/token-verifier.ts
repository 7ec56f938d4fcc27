import type { Clock } from '../../clock/clock.ts'
import type { Principal } from '../../contract/call.ts'
import { maxTokenBytes, tokenError } from './bearer-token.ts'
import { type ClaimRules, standardRules } from './claim-rules.ts'
import { wrong } from './claim-values.ts'
import { type CompactJws, type JwsHeader, jsonObject, parseCompactJws, signatureVerifies } from './compact-jws.ts'
import { isJwsAlgorithm, type JwsAlgorithm } from './jws-algorithms.ts'
import type { KeySource } from './key-source.ts'
import { checkBinding, type PresentedThumbprint } from './token-binding.ts'
import { principalOf } from './token-claims.ts'

export interface TokenVerifierOptions {
  /** The exact `iss`. */
  readonly issuer: string
  /** The exact `aud`, or several of which the token names one. */
  readonly audience: string | readonly string[]
  /** Where the claims stand and what they mean. Default: as in RFC 7519 and RFC 9068, under their own names. */
  readonly rules?: ClaimRules | undefined
  readonly jwks: KeySource
  /** What may be in the header. A subset of the table: `none` and HMAC cannot be configured. */
  readonly algorithms: readonly JwsAlgorithm[]
  /** Tolerated difference of clocks, 0 to 300 s. Default 30. */
  readonly leewaySeconds?: number | undefined
  readonly clock: Clock
}

export interface TokenVerifier {
  /**
   * The principal of a token that verifies now.
   *
   * @throws {MmfError} `token_malformed`, `token_algorithm_refused`, `token_key_unknown`, `token_signature_invalid`,
   *   `token_claim_invalid`, `token_expired`, `token_not_yet_valid` (all 401 with `www-authenticate`); `token_issuer_unavailable`,
   *   `deadline_exceeded` (503). Nothing else, whatever the input.
   */
  verify(token: string, options?: VerifyTokenOptions): Promise<Principal>
}

interface VerifyTokenOptions {
  readonly signal?: AbortSignal | undefined
  /** Of the certificate of the connection. Default: none, so that every token bound to one is refused (RFC 8705 §3). */
  readonly thumbprint?: PresentedThumbprint | undefined
}

const maxLeewaySeconds = 300

/** RFC 7519 §5.1, RFC 9068 §2.1; `application/` may be omitted (RFC 7515 §4.1.9) and case does not count. */
const tokenTypes = ['jwt', 'at+jwt']

/**
 * Verifies JWTs (RFC 7519, RFC 8725): size and form, then algorithm, then key, then signature, then claims. No claim is read before
 * the signature is proven. At most 8 KB are looked at.
 *
 * @throws {TypeError} for options that would weaken it: no issuer, no audience, no algorithm, one outside the table, a leeway above
 *   five minutes
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const judge = createJudge(options)
  return { verify: async (token, options = {}) => judge.principalOf(readToken(token), options) }
}

/**
 * Verifies the tokens of several issuers. Before the signature is proven one claim is looked at, `iss`, and only to choose the issuer by whose
 * keys, algorithms and rules alone the token is then judged; those rules look at `iss` again.
 *
 * @throws {TypeError} as {@link createTokenVerifier}, and when two issuers answer to one `iss`
 */
export function createIssuersVerifier(issuers: readonly TokenVerifierOptions[]): TokenVerifier {
  const judges = new Map<string, Judge>()
  for (const judge of issuers.map(createJudge)) {
    for (const name of judge.accepted) {
      if (judges.has(name)) throw new TypeError(`token verifier: two issuers are called ${name}`)
      judges.set(name, judge)
    }
  }
  return {
    async verify(token, options = {}) {
      const jws = readToken(token)
      const { iss } = readClaims(jws)
      const judge = typeof iss === 'string' ? judges.get(iss) : undefined
      if (judge === undefined) throw wrong(['iss'], 'the token is from another issuer')
      return judge.principalOf(jws, options)
    },
  }
}

/** Judges the tokens of one issuer. */
interface Judge {
  readonly accepted: readonly string[]
  principalOf(jws: CompactJws, options: VerifyTokenOptions): Promise<Principal>
}

function createJudge(options: TokenVerifierOptions): Judge {
  const { issuer, jwks, clock, leewaySeconds = 30 } = options
  const audience = typeof options.audience === 'string' ? [options.audience] : [...options.audience]
  const algorithms: ReadonlySet<string> = new Set(options.algorithms)
  const mistake = mistakeIn({ issuer, audience, algorithms, leewaySeconds })
  if (mistake !== undefined) throw new TypeError(`token verifier: ${mistake}`)
  const rules = options.rules ?? standardRules(issuer, audience)
  return {
    accepted: rules.accepted,
    async principalOf(jws, { signal, thumbprint = () => undefined }) {
      const { alg, kid } = jws.header
      if (!isJwsAlgorithm(alg) || !algorithms.has(alg)) throw tokenError('token_algorithm_refused')
      const key = await jwks.find(kid, alg, { signal })
      if (!(await signatureVerifies(jws, key))) throw tokenError('token_signature_invalid')
      const claims = readClaims(jws)
      const principal = principalOf(claims, rules, leewaySeconds, clock.now().getTime())
      checkBinding(claims, thumbprint)
      return principal
    },
  }
}

function readClaims({ payload }: CompactJws) {
  const claims = jsonObject(payload)
  if (typeof claims === 'string') throw tokenError('token_malformed', `the payload ${claims}`)
  return claims
}

function readToken(token: unknown) {
  if (typeof token !== 'string') throw tokenError('token_malformed', 'not a string')
  // One character is at least one byte; what is longer has non-ASCII characters and fails below.
  if (token.length > maxTokenBytes) throw tokenError('token_malformed', `longer than ${maxTokenBytes} bytes`)
  const jws = parseCompactJws(token)
  if (typeof jws === 'string') throw tokenError('token_malformed', jws)
  if (!isTokenType(jws.header)) throw tokenError('token_malformed', 'typ is neither JWT nor at+jwt')
  return jws
}

function isTokenType({ typ }: JwsHeader): boolean {
  return typ === undefined || tokenTypes.includes(typ.toLowerCase().replace(/^application\//, ''))
}

interface Checked {
  readonly issuer: string
  readonly audience: readonly string[]
  readonly algorithms: ReadonlySet<string>
  readonly leewaySeconds: number
}

function mistakeIn({ issuer, audience, algorithms, leewaySeconds }: Checked): string | undefined {
  if (issuer === '') return 'an issuer is required'
  if (audience.length === 0 || audience.includes('')) return 'an audience is required'
  if (algorithms.size === 0) return 'an algorithm is required'
  const foreign = [...algorithms].find(name => !isJwsAlgorithm(name))
  if (foreign !== undefined) return `algorithm ${foreign} is not allowed for tokens`
  if (!(leewaySeconds >= 0 && leewaySeconds <= maxLeewaySeconds)) return `leeway must be 0 to ${maxLeewaySeconds} s`
  return undefined
}
