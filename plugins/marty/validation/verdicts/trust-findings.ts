import type { InputList, Refused } from '../inputs/input-list.ts'
import type { VerdictRecord } from './verdict-schema.ts'

type Finding = VerdictRecord['findings'][number]

const clause = 'trust store'

/**
 * What the trust store has to say about a verdict, as findings: `issuer_distrusted`, `issuer_ended`, `issuer_revoked` and so on for each
 * certificate that stood on a way and must not be used, `certificate_distrusted`, `certificate_revoked` where it is the one in question.
 */
export function trustFindings(valid: boolean, { refused, targetRefused }: InputList): readonly Finding[] {
  const target = targetRefused === undefined ? [] : [finding(`certificate_${targetRefused.refusal}`, 0, targetRefused)]
  // Beside a valid path, another one that must not be taken explains nothing.
  const anchors = valid ? [] : refused.map(entry => finding(`issuer_${entry.refusal}`, null, entry))
  return [...target, ...anchors]
}

function finding(
  code: string,
  certificate: number | null,
  { subject, anchorId, reason, generation }: Refused,
): Finding {
  const message = `${subject} (${anchorId}), generation ${generation}: ${reason}`
  return { code, severity: 'error', certificate, clause, message }
}
