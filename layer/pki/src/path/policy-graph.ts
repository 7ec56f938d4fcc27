import { oids } from '../der/oid-names.ts'
import type { PolicyInformation, PolicyQualifier } from '../x509/extensions/certificate-policies.ts'
import type { PolicyMapping } from '../x509/extensions/policy-mappings.ts'

const anyPolicyOid: string = oids.anyPolicy

/** A node of the valid_policy_graph (RFC 9618 §3): one per policy and depth, however many parents lead to it. */
interface PolicyNode {
  readonly policy: string
  readonly qualifiers: readonly PolicyQualifier[]
  readonly parents: PolicyNode[]
  expected: readonly string[]
  childCount: number
}

/** One policy the whole path is valid for, with the qualifiers the target's certificate gives it. */
export interface ValidPolicy {
  readonly policy: string
  readonly qualifiers: readonly PolicyQualifier[]
}

type Level = Map<string, PolicyNode>

const noQualifiers: readonly PolicyQualifier[] = Object.freeze([])

/**
 * The valid_policy_graph of RFC 9618 §5.1 to §5.4: a graph instead of RFC 5280's tree, so that mappings cannot make it grow
 * exponentially. A level holds at most one node per policy; `spend` is called for each node that is made and each edge drawn.
 */
export class PolicyGraph {
  readonly #levels: Level[] = []
  readonly #spend: (steps: number) => void
  #null = false

  constructor(spend: (steps: number) => void) {
    this.#spend = spend
  }

  /** True once no policy is valid for the path. */
  get isNull(): boolean {
    return this.#null
  }

  /** §6.1.3 (e): the certificate has no policies. */
  setNull(): void {
    this.#null = true
    if (this.#levels.length > 0) this.#levels.length = 0
  }

  /** §6.1.3 (d). `anyPolicyAllowed` is inhibit_anyPolicy > 0, or a self-issued certificate that is not the last. */
  addPolicies(policies: readonly PolicyInformation[], anyPolicyAllowed: boolean): void {
    if (this.#null) return
    // §6.1.2 (a): the one node that stands above all. Most paths have no policies, and never get here.
    if (this.#levels.length === 0)
      this.#levels.push(new Map([[anyPolicyOid, makeNode(anyPolicyOid, noQualifiers, [])]]))
    const above = this.#levels.at(-1) as Level
    const level: Level = new Map()
    const byExpected = indexByExpected(above, this.#spend)
    const anyAbove = above.get(anyPolicyOid)
    let any: PolicyInformation | undefined
    for (const information of policies) {
      if (information.policy === anyPolicyOid) {
        any = information
        continue
      }
      const parents = byExpected.get(information.policy) ?? (anyAbove === undefined ? undefined : [anyAbove])
      if (parents !== undefined) this.#add(level, information.policy, information.qualifiers, parents)
    }
    if (any !== undefined && anyPolicyAllowed) {
      for (const [policy, parents] of byExpected) {
        if (!level.has(policy)) this.#add(level, policy, any.qualifiers, parents)
      }
    }
    this.#levels.push(level)
    this.#prune()
  }

  /** §6.1.4 (b). `mappingAllowed` is policy_mapping > 0. */
  mapPolicies(mappings: readonly PolicyMapping[], mappingAllowed: boolean): void {
    const level = this.#levels.at(-1)
    if (level === undefined || this.#null) return
    const targets = new Map<string, Set<string>>()
    for (const { issuerDomainPolicy, subjectDomainPolicy } of mappings) {
      this.#spend(1)
      const set = targets.get(issuerDomainPolicy)
      if (set === undefined) targets.set(issuerDomainPolicy, new Set([subjectDomainPolicy]))
      else set.add(subjectDomainPolicy)
    }
    for (const [policy, expected] of targets) {
      const node = level.get(policy)
      const any = level.get(anyPolicyOid)
      if (!mappingAllowed) {
        if (node !== undefined) this.#remove(level, node)
      } else if (node !== undefined) {
        node.expected = [...expected]
      } else if (any !== undefined) {
        this.#add(level, policy, any.qualifiers, any.parents)
        const added = level.get(policy)
        if (added !== undefined) added.expected = [...expected]
      }
    }
    this.#prune()
  }

  /**
   * §6.1.5 (g): the user-constrained-policy-set for the user's policies; `undefined` stands for any-policy. The empty list is
   * the result of a NULL graph or of no policy in common.
   */
  userConstrained(initial: ReadonlySet<string> | undefined): readonly ValidPolicy[] {
    if (this.#null) return []
    const authority = new Map<string, ValidPolicy>()
    for (let depth = 1; depth < this.#levels.length; depth++) {
      const level = this.#levels[depth] as Level
      for (const { policy, qualifiers, parents } of level.values()) {
        const domainRoot = policy !== anyPolicyOid && parents.length === 1 && parents[0]?.policy === anyPolicyOid
        if (domainRoot && !authority.has(policy)) authority.set(policy, { policy, qualifiers })
      }
    }
    const any = this.#levels.at(-1)?.get(anyPolicyOid)
    if (any !== undefined) authority.set(anyPolicyOid, { policy: anyPolicyOid, qualifiers: any.qualifiers })
    if (initial === undefined) return [...authority.values()]
    const constrained: ValidPolicy[] = []
    for (const policy of initial) {
      const valid = authority.get(policy)
      if (valid !== undefined) constrained.push(valid)
      else if (any !== undefined) constrained.push({ policy, qualifiers: any.qualifiers })
    }
    return constrained
  }

  #add(level: Level, policy: string, qualifiers: readonly PolicyQualifier[], parents: readonly PolicyNode[]): void {
    this.#spend(1 + parents.length)
    for (const parent of parents) parent.childCount++
    level.set(policy, makeNode(policy, qualifiers, [...parents]))
  }

  #remove(level: Level, node: PolicyNode): void {
    level.delete(node.policy)
    for (const parent of node.parents) parent.childCount--
  }

  /** §6.1.3 (d)(3): a node above the last level that has no child is removed, and with it each parent that had no other child. */
  #prune(): void {
    for (let depth = this.#levels.length - 2; depth >= 0; depth--) {
      const level = this.#levels[depth] as Level
      for (const node of level.values()) if (node.childCount === 0) this.#remove(level, node)
    }
    if (this.#levels.at(-1)?.size === 0) this.setNull()
  }
}

function makeNode(policy: string, qualifiers: readonly PolicyQualifier[], parents: PolicyNode[]): PolicyNode {
  return { policy, qualifiers, parents, expected: [policy], childCount: 0 }
}

function indexByExpected(level: Level, spend: (steps: number) => void): Map<string, PolicyNode[]> {
  const index = new Map<string, PolicyNode[]>()
  for (const node of level.values()) {
    for (const policy of node.expected) {
      spend(1)
      const nodes = index.get(policy)
      if (nodes === undefined) index.set(policy, [node])
      else nodes.push(node)
    }
  }
  return index
}
