import { defined } from '@mmf/framework'
import {
  type PolicySettings,
  type ProfileCompatibility,
  type ProfileName,
  profileByName,
  type RevocationMode,
  type RevocationPolicy,
  type WorkLimits,
} from '@mmf/pki'
import * as z from 'zod'
import type { MartyConfig } from '../config.ts'
import { compatibilityNames, Policies, revocationModes, type SharedRequest } from './schemas.ts'

/** How certificates are judged. */
export interface Settings {
  readonly profile: ProfileName
  /** The moment, milliseconds since 1970. */
  readonly at: number
  readonly revocation: RevocationMode
  readonly hostName?: string
  readonly policies?: PolicySettings
  readonly compatibilities?: readonly ProfileCompatibility[]
  /** Seconds after thisUpdate for which evidence without nextUpdate is fresh. Verdicts of earlier versions have none: it never was. */
  readonly ageWithoutNextUpdateSeconds?: number
  /** Seconds by which evidence may lie ahead of the moment. */
  readonly clockSkewSeconds?: number
}

/** A responder signs its answer after the moment of the request, by its own clock. Seconds. */
const fetchedSkew = 60

/** Evidence that is given is never ignored: unless the request says otherwise, it must then show each certificate good. */
export function settingsOf(
  request: SharedRequest,
  now: Date,
  { evidence_age_without_next_update }: Pick<MartyConfig, 'evidence_age_without_next_update'>,
): Settings {
  const { profile, time, hostName, policies, compatibilities, crls = [], storedCrls = [], ocspResponses = [] } = request
  const given = crls.length + storedCrls.length + ocspResponses.length
  const hasEvidence = given > 0 || request.directory === true || request.fetch === true
  return {
    profile,
    at: time === undefined ? now.getTime() : Date.parse(time),
    revocation: request.revocation ?? (hasEvidence ? 'required' : 'off'),
    ...defined({
      hostName,
      policies: policies === undefined ? undefined : (policies as PolicySettings),
      compatibilities,
    }),
    ageWithoutNextUpdateSeconds: evidence_age_without_next_update,
    ...(request.fetch === true ? { clockSkewSeconds: fetchedSkew } : {}),
  }
}

/** The part of the settings that says what counts as evidence of revocation. */
export function revocationPolicy(
  { ageWithoutNextUpdateSeconds = 0, clockSkewSeconds = 0 }: Settings,
  mode: RevocationMode,
): RevocationPolicy {
  return { mode, ageWithoutNextUpdateSeconds, clockSkewSeconds }
}

const count = z.int().gte(0)

/** Settings as they are stored and shown, beside profile and moment, which have columns of their own. */
export const SettingsRecord = z.strictObject({
  revocation: z.enum(revocationModes),
  hostName: z.optional(z.string()),
  policies: z.optional(Policies),
  compatibilities: z.optional(z.array(z.enum(compatibilityNames))),
  ageWithoutNextUpdateSeconds: z.optional(count),
  clockSkewSeconds: z.optional(count),
  /** What the validation was allowed to cost: in a large batch the last ones may have had less. */
  limits: z.strictObject({ maxSteps: count, maxSignatureChecks: count, maxAttempts: count }),
})
export type SettingsRecord = z.output<typeof SettingsRecord>

export function toSettingsRecord(
  { profile: _profile, at: _at, ...settings }: Settings,
  limits: WorkLimits,
): SettingsRecord {
  const { maxSteps, maxSignatureChecks, maxAttempts } = limits
  return { ...settings, limits: { maxSteps, maxSignatureChecks, maxAttempts } } as SettingsRecord
}

/** The settings of a stored row, with what the validation was allowed to cost. */
export function fromSettingsRecord(row: { readonly settings: string; readonly profile: string; readonly at: string }): {
  readonly settings: Settings
  readonly limits: WorkLimits
} {
  const { limits, ...rest } = openSettings(row.settings)
  const { name } = profileByName(row.profile)
  return { settings: { ...(rest as Omit<Settings, 'profile' | 'at'>), profile: name, at: Date.parse(row.at) }, limits }
}

export const openSettings = (text: string): SettingsRecord => SettingsRecord.parse(JSON.parse(text))
