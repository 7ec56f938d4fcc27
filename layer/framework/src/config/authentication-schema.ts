import * as z from 'zod'
import { issuerPresetNames } from './issuer-presets.ts'

/**
 * Signature algorithms a token may use (RFC 7518 §3.1, RFC 8037 §3.1). Only asymmetric ones can be named: with a shared secret
 * (HS256) a public key could be taken for the secret, and `none` is no signature.
 */
const tokenAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

// A text that begins with a bracket is a list in JSON, from a variable: refused as a text, it is read as that list.
const plainText = z.string().regex(/^[^[]/)

const claimPath = z.union([plainText, z.array(z.string().min(1)).min(1).max(8)])

const grant = z.strictObject({
  roles: z.array(z.string().min(1)).default([]),
  permissions: z.array(z.string().min(1)).default([]),
})

const claims = z.strictObject({
  subject: claimPath.optional().describe('The claim that names the principal, instead of the one of the preset'),
  roles: z.array(claimPath).optional().describe('Claims that hold roles or groups, lists of texts'),
  permissions: z
    .array(claimPath)
    .optional()
    .describe('Claims that hold permissions or scopes, lists or words between spaces'),
  audience: z.array(claimPath).min(1).optional().describe('Claims that hold the audience'),
})

const names = z.string().min(1)

/** Who issues tokens, and how its tokens are read. */
const issuerSettings = {
  issuer: z
    .string()
    .min(1)
    .optional()
    .describe('The `iss` of accepted tokens. Must be set where the environment is deployed'),
  audience: z
    .union([plainText, z.array(names).min(1)])
    .optional()
    .describe('The `aud` of accepted tokens, or several of which a token names one'),
  jwks_uri: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where the public keys of the issuer are (RFC 7517)'),
  preset: z.enum(issuerPresetNames).default('standard').describe('What kind of issuer it is: where its claims stand'),
  issuer_aliases: z.array(names).default([]).describe('Further `iss` under which the same issuer issues tokens'),
  claims: claims.prefault({}),
  role_map: z.record(names, grant).default({}).describe('What a role or group of the issuer means here'),
  permission_map: z.record(names, grant).default({}).describe('What a permission or scope of the issuer means here'),
  accept_unmapped: z
    .array(z.enum(['roles', 'permissions']))
    .optional()
    .describe('What counts under its own name where no map names it'),
  required_claims: z
    .record(names, z.union([plainText, z.array(names).min(1)]))
    .default({})
    .describe('Texts that further claims must have'),
}

const algorithms = z.array(z.enum(tokenAlgorithms)).min(1).describe('Signature algorithms accepted in tokens')
const leeway = z.int().min(0).max(300).describe('How far the clock of the issuer may be off, for `exp` and `nbf`')
const cacheAge = z
  .int()
  .min(1)
  .max(86_400)
  .describe('How long the keys of the issuer are used before they are fetched again')

const furtherIssuer = z.strictObject({
  ...issuerSettings,
  algorithms: algorithms.optional(),
  clock_leeway_seconds: leeway.optional(),
  jwks_cache_seconds: cacheAge.optional(),
})

/** The section `authentication` of `config/base.yaml`: one issuer, and any number of further ones by name. */
export const authenticationSchema = z.strictObject({
  ...issuerSettings,
  algorithms: algorithms.default(['RS256', 'PS256', 'ES256']),
  clock_leeway_seconds: leeway.default(30),
  jwks_cache_seconds: cacheAge.default(600),
  iam: z
    .record(
      z
        .string()
        .regex(
          /^arn:aws[a-z-]*:(?:iam::\d{12}:user\/[\w+=,.@/-]+|sts::\d{12}:assumed-role\/[\w+=,.@-]+)$/,
          'expected the ARN of a user, or arn:aws:sts::<account>:assumed-role/<role> for all sessions of a role',
        ),
      grant,
    )
    .default({})
    .describe('AWS identities that may call with a signature (SigV4), and what each is here; default none'),
  issuers: z
    .record(z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/), furtherIssuer)
    .default({})
    .describe('Further issuers by name, each with all of these settings'),
})

export type AuthenticationConfig = z.output<typeof authenticationSchema>
