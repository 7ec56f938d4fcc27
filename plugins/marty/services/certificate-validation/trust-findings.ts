import type { InputList } from './input-list.ts'
import type { VerdictRecord } from './verdict-schema.ts'

type Refused = InputList['refused'][number]
type Finding = VerdictRecord['findings'][number]

const clause = 'trust store'

/**
 * What the trust store has to say about a verdict, as findings: `anchor_distrusted`, `anchor_ended`, `anchor_outside_window` and so on for
 * each anchor that stood on a way and must not be used, `certificate_distrusted` where the certificate itself is refused.
 */
export function trustFindings(valid: boolean, { refused, targetRefused }: InputList): readonly Finding[] {
  const target = targetRefused === undefined ? [] : [finding('certificate_distrusted', 0, targetRefused)]
  // Beside a valid path, another one that must not be taken explains nothing.
  const anchors = valid ? [] : refused.map(entry => finding(`anchor_${entry.refusal}`, null, entry))
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
