import {
  audienceStep,
  type ClaimDemand,
  type ClaimForm,
  type ClaimSource,
  type IssuerPreset,
  issuerPresets,
} from '../../config/issuer-presets.ts'
import type { IssuerConfig } from '../../config/require-issuers.ts'
import { reservedPrefixes } from '../../contract/subject-prefixes.ts'

/** What a role, group, permission or scope of an issuer means here. */
interface Grant {
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
}

/** Where roles or permissions come from, and what their values mean. */
export interface GrantRules {
  readonly sources: readonly ClaimSource[]
  readonly map: ReadonlyMap<string, Grant>
  /** Whether a value that the map does not name counts under its own name. */
  readonly acceptUnmapped: boolean
}

/** What the claims of one issuer's tokens are held against. */
export interface ClaimRules {
  /** The name of the issuer in principals, whichever of `accepted` a token says. */
  readonly issuer: string
  /** The exact `iss` of its tokens. */
  readonly accepted: readonly string[]
  /** One of these must be in the token. */
  readonly audience: readonly string[]
  readonly audienceSources: readonly ClaimSource[]
  readonly subject: readonly string[]
  /** Stands before the subject, so that no two issuers have a subject in common; `''` for the one issuer without. */
  readonly subjectPrefix: string
  /** Beginnings of the subjects of other issuers and of other credentials: no subject of this one may have them. */
  readonly foreignPrefixes: readonly string[]
  readonly roles: GrantRules
  readonly permissions: GrantRules
  readonly demands: readonly ClaimDemand[]
  readonly inIssuer: readonly string[]
}

/** The rules for one issuer whose claims stand where RFC 7519 and RFC 9068 have them, and count under their own names. */
export function standardRules(issuer: string, audience: readonly string[]): ClaimRules {
  const { subject, audience: audienceSources, roles, permissions, demands, inIssuer } = issuerPresets.standard
  const byName = (sources: readonly ClaimSource[]) => ({ sources, map: new Map(), acceptUnmapped: true })
  return {
    issuer,
    accepted: [issuer],
    audience,
    audienceSources,
    subject,
    subjectPrefix: '',
    foreignPrefixes: reservedPrefixes,
    roles: byName(roles),
    permissions: byName(permissions),
    demands,
    inIssuer,
  }
}

/**
 * The rules of a configured issuer: its preset, with what the configuration says in its place. Values without an entry in a map give nothing,
 * unless `accept_unmapped` says so; without preset and map they count under their own names.
 */
export function configuredRules(config: IssuerConfig, others: readonly IssuerConfig[]): ClaimRules {
  const preset: IssuerPreset = issuerPresets[config.preset]
  const { claims, audience, issuer } = config
  const perAudience = (sources: readonly ClaimSource[]) => sources.flatMap(source => expanded(source, audience))
  const required = Object.entries(config.required_claims)
  return {
    issuer,
    accepted: [issuer, ...config.issuer_aliases],
    audience,
    audienceSources: given(claims.audience, 'list-or-text') ?? preset.audience,
    subject: claims.subject === undefined ? preset.subject : [claims.subject].flat(),
    subjectPrefix: config.qualified ? prefixOf(config) : '',
    foreignPrefixes: config.qualified ? [] : [...others.map(prefixOf), ...reservedPrefixes],
    roles: {
      sources: given(claims.roles, 'list') ?? perAudience(preset.roles),
      ...meaning(config, 'roles', config.role_map),
    },
    permissions: {
      sources: given(claims.permissions, 'list-or-words') ?? perAudience(preset.permissions),
      ...meaning(config, 'permissions', config.permission_map),
    },
    demands: [...preset.demands, ...required.map(([name, values]) => ({ anyOf: [name], values: [values].flat() }))],
    inIssuer: preset.inIssuer,
  }
}

function prefixOf({ issuer }: IssuerConfig): string {
  return `${issuer}#`
}

function given(paths: readonly (string | readonly string[])[] | undefined, form: ClaimForm) {
  return paths?.map(path => ({ path: [path].flat(), form }))
}

function expanded({ path, form }: ClaimSource, audience: readonly string[]): readonly ClaimSource[] {
  if (!path.includes(audienceStep)) return [{ path, form }]
  return audience.map(name => ({ path: path.map(step => (step === audienceStep ? name : step)), form }))
}

function meaning(
  { preset, accept_unmapped: accepted }: IssuerConfig,
  kind: 'roles' | 'permissions',
  map: Readonly<Record<string, Grant>>,
): Pick<GrantRules, 'map' | 'acceptUnmapped'> {
  const byDefault = preset === 'standard' && Object.keys(map).length === 0
  return { map: new Map(Object.entries(map)), acceptUnmapped: accepted?.includes(kind) ?? byDefault }
}
