import { type Call, readWhatCan } from '@mmf/framework'
import type { CertificateList } from '@mmf/pki'
import type { ValidationContext } from '../operation.ts'
import { fromSettingsRecord } from '../settings.ts'
import type { DependencyRow } from '../tables/validation-dependencies.ts'
import { readValidation, type ValidationRow, validations } from '../tables/validations.ts'
import { newestDependencies } from '../verdicts/newest-dependencies.ts'
import { VerdictRecord } from '../verdicts/verdict-schema.ts'
import { rejudgeStored } from './rejudge-stored.ts'

/** Verdicts on a certificate that are read at once. */
const pageSize = 25

/**
 * Decides whether a CRL revokes a certificate that the CRL lists by issuer name and serial number. Another CA may have the same name, so a
 * validation decides, with the trust anchors of now and at the thisUpdate of the CRL: signature, signer's path and scope (RFC 5280 §6.3).
 * @returns false also where no verdict by the trust store rests on the certificate
 */
export async function listRevokes(
  list: CertificateList,
  fingerprint: string,
  { context, call }: { readonly context: ValidationContext; readonly call: Call },
): Promise<boolean> {
  const row = await storeVerdictOn(fingerprint, context, call.signal)
  if (row === undefined) return false
  const { settings, limits } = fromSettingsRecord(row)
  const at = Math.min(list.thisUpdate, context.clock.now().getTime())
  const rejudgement = { settings: { ...settings, at, revocation: 'soft-fail' as const }, limits, crl: list }
  const { verdict } = (await rejudgeStored(row, rejudgement, { context, call })).evaluated
  return verdict.findings.some(
    ({ code, certificate }) =>
      code === 'certificate_revoked' && certificate !== null && verdict.path[certificate]?.fingerprint === fingerprint,
  )
}

/**
 * The newest valid verdict on a certificate under the anchors of the trust store, or else the newest invalid one, with a path if any has one.
 * Anyone who may validate can add verdicts under other anchors or without a path; however many these are, they do not hide those that serve.
 */
async function storeVerdictOn(
  fingerprint: string,
  { database }: ValidationContext,
  signal: AbortSignal,
): Promise<ValidationRow | undefined> {
  let invalid: ValidationRow | undefined
  let before: string | undefined
  do {
    const page = await newestDependencies(database, { fingerprint, limit: pageSize, before }, signal)
    const wanted = page.rows.filter(row => serves(row) && (row.valid || !hasPath(invalid)))
    const keys = wanted.map(({ validationId }) => ({ validationId }))
    // Any of these verdicts serves, so that one that cannot be read keeps back no revocation.
    const { rows } = keys.length === 0 ? { rows: [] } : await readWhatCan(database, validations, keys, { signal })
    const underStore = rows.flatMap(row =>
      row === undefined || row.anchorsGeneration === 'request' ? [] : [readValidation(row)],
    )
    const valid = underStore.find(row => row.valid)
    if (valid !== undefined) return valid
    if (!hasPath(invalid)) invalid = underStore.find(hasPath) ?? invalid ?? underStore[0]
    before = page.cursor
  } while (before !== undefined)
  return invalid
}

const serves = ({ roles, anchorsGeneration }: DependencyRow): boolean =>
  (roles.includes('target') || roles.includes('ca')) && anchorsGeneration !== 'request'

const hasPath = (row: ValidationRow | undefined): boolean =>
  row !== undefined && VerdictRecord.parse(JSON.parse(row.verdict)).anchor !== null
