import { keyRules } from './rules/key-rules.ts'
import { pathRules } from './rules/path-rules.ts'
import { rfc5280Rules } from './rules/rfc5280-rules.ts'
import { smimeRules } from './rules/smime-rules.ts'
import type { CertificateRule, Profile, Role } from './types.ts'

/** The rules by the place of a certificate in the path. */
export type RuleSet = Readonly<Record<Role, readonly CertificateRule[]>>

// A pure function's results, kept for the few combinations there are.
const sets = new WeakMap<readonly CertificateRule[], (RuleSet | undefined)[]>()

/** What is checked under a profile: the path algorithm's own rules and those on keys always, the others as asked for. */
export function ruleSet(profile: Profile, conformance: boolean, email: boolean): RuleSet {
  let variants = sets.get(profile.rules)
  if (variants === undefined) {
    variants = []
    sets.set(profile.rules, variants)
  }
  const variant = (conformance ? 1 : 0) + (email ? 2 : 0)
  let set = variants[variant]
  if (set === undefined) {
    const all = [
      ...pathRules,
      ...keyRules,
      ...(conformance ? rfc5280Rules : []),
      ...profile.rules,
      ...(email ? smimeRules : []),
    ]
    const forRole = (role: Role): readonly CertificateRule[] => all.filter(({ roles }) => roles.includes(role))
    set = { anchor: forRole('anchor'), ca: forRole('ca'), target: forRole('target') }
    variants[variant] = set
  }
  return set
}
