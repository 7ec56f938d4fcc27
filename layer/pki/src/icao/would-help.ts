import { hasError, type IcaoFinding, icaoFinding } from './findings.ts'

/** What an outcome has to say of itself to be compared. */
interface Outcome {
  readonly valid: boolean
  readonly findings: readonly IcaoFinding[]
  /** The compatibilities that were needed. */
  readonly compatibility: readonly string[]
}

/** Codes of errors that some compatibility may be about; all of CMS's are, too. */
const mayBeHelped: ReadonlySet<string> = new Set([
  'sod_malformed',
  'master_list_malformed',
  'signature_invalid',
  'extension_malformed',
])

/**
 * The warnings of a refused verdict that name the compatibilities which would help: with them the verdict is valid, or fails for other reasons
 * alone. Found by trying, so that none is named in vain; the attempt is made only where an error is of a kind that one may be about.
 *
 * @param known every compatibility there is, `allowed` those that were given
 * @param judge judges anew with the compatibilities named
 */
export function compatibilitiesThatHelp<N extends string>(
  refused: Pick<Outcome, 'valid' | 'findings'>,
  known: readonly N[],
  allowed: ReadonlySet<N>,
  judge: (compatibilities: readonly N[]) => Outcome,
): readonly IcaoFinding[] {
  const codes = errorCodes(refused.findings)
  const helpable = [...codes].filter(code => code.startsWith('cms_') || mayBeHelped.has(code))
  if (refused.valid || helpable.length === 0 || known.every(name => allowed.has(name))) return []
  const outcome = judge(known)
  const remaining = errorCodes(outcome.findings)
  if (hasError(outcome.findings) && helpable.some(code => remaining.has(code))) return []
  const all: ReadonlySet<string> = new Set(known)
  // The departures of CMS have names of their own, and one switch.
  const needed = outcome.compatibility.map(name => (all.has(name) ? name : 'cms-tolerant'))
  const given: ReadonlySet<string> = allowed
  return [...new Set(needed)]
    .filter(name => !given.has(name))
    .map(name => icaoFinding('compatibility_would_help', name, 'warning'))
}

function errorCodes(findings: readonly IcaoFinding[]): ReadonlySet<string> {
  return new Set(findings.filter(({ severity }) => severity === 'error').map(({ code }) => code))
}
