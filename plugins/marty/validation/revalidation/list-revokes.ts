import { type Call, readWhatCan } from '@mmf/framework'
import type { CertificateList } from '@mmf/pki'
import type { ValidationContext } from '../operation.ts'
import { fromSettingsRecord } from '../settings.ts'
import { readValidation, validations } from '../tables/validations.ts'
import { newestDependencies } from '../verdicts/newest-dependencies.ts'
import { rejudgeStored } from './rejudge-stored.ts'

/** The number of newest verdicts on a certificate among which one by the trust store is looked for. */
const maxVerdicts = 20

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
  const { database, clock } = context
  const { signal } = call
  const { rows } = await newestDependencies(database, { fingerprint, limit: maxVerdicts }, signal)
  const inPath = rows.filter(({ roles }) => roles.includes('target') || roles.includes('ca'))
  const keys = inPath.map(({ validationId }) => ({ validationId }))
  if (keys.length === 0) return false
  // Any of these verdicts serves, so that one that cannot be read keeps back no revocation.
  const { rows: stored } = await readWhatCan(database, validations, keys, { signal })
  const found = stored.find(one => one !== undefined && one.anchorsGeneration !== 'request')
  if (found === undefined) return false
  const row = readValidation(found)
  const { settings, limits } = fromSettingsRecord(row)
  const at = Math.min(list.thisUpdate, clock.now().getTime())
  const rejudgement = { settings: { ...settings, at, revocation: 'soft-fail' as const }, limits, crl: list }
  const { verdict } = (await rejudgeStored(row, rejudgement, { context, call })).evaluated
  return verdict.findings.some(
    ({ code, certificate }) =>
      code === 'certificate_revoked' && certificate !== null && verdict.path[certificate]?.fingerprint === fingerprint,
  )
}
