import { oidName } from '../der/oid.ts'
import { oids } from '../der/oid-names.ts'
import type { Certificate } from '../x509/certificate.ts'
import type { GeneralSubtree, NameConstraints } from '../x509/extensions/name-constraints.ts'
import type { GeneralName, GeneralNameKind } from '../x509/general-name.ts'
import type { NameConstraintFault } from './name-constraint-fault.ts'
import { matchSubtree, type SubtreeMatch, subtreeFault } from './name-subtree.ts'
import { twinKind, twinOf } from './other-names.ts'

/** By form: the kind of a general name, for otherName with its type. */
type ByForm<T> = Map<string, T>

/**
 * permitted_subtrees and excluded_subtrees of RFC 5280 §6.1.2 (b), (c). The intersection of §6.1.4 (g) is kept as the list of the
 * sets that were intersected: a name is permitted when each set that speaks of its form has a subtree it lies in.
 */
export class NameConstraintState {
  // Made when the first constraint comes: most paths have none.
  #permitted: ByForm<(readonly GeneralSubtree[])[]> | undefined
  #excluded: ByForm<GeneralSubtree[]> | undefined
  readonly #spend: (steps: number) => void

  constructor(spend: (steps: number) => void) {
    this.#spend = spend
  }

  get isEmpty(): boolean {
    return this.#permitted === undefined && this.#excluded === undefined
  }

  /** §6.1.4 (g): adds what a CA certificate, or the caller at the start, imposes. */
  add(constraints: NameConstraints): NameConstraintFault | undefined {
    for (const subtree of [...(constraints.permitted ?? []), ...(constraints.excluded ?? [])]) {
      this.#spend(1)
      const fault = subtreeFault(subtree)
      if (fault !== undefined) return fault
    }
    this.#permitted ??= new Map()
    this.#excluded ??= new Map()
    for (const [form, subtrees] of Map.groupBy(constraints.permitted ?? [], ({ base }) => formOf(base))) {
      const sets = this.#permitted.get(form)
      if (sets === undefined) this.#permitted.set(form, [subtrees])
      else sets.push(subtrees)
    }
    for (const subtree of constraints.excluded ?? []) {
      const form = formOf(subtree.base)
      const subtrees = this.#excluded.get(form)
      if (subtrees === undefined) this.#excluded.set(form, [subtree])
      else subtrees.push(subtree)
    }
    return undefined
  }

  /**
   * §6.1.3 (b) and (c): the subject name, each alternative name, what an otherName carries in another form (RFC 9598 §6), and the
   * subject's e-mail addresses (§4.2.1.10).
   * @throws extension_malformed, name_malformed
   */
  check(certificate: Certificate): NameConstraintFault | undefined {
    if (this.isEmpty) return undefined
    const { subject } = certificate
    if (!subject.isEmpty) {
      const fault = this.#checkName({ kind: 'directoryName', value: subject })
      if (fault !== undefined) return fault
    }
    for (const name of certificate.subjectAltName ?? []) {
      const fault = this.#checkName(name) ?? (name.kind === 'otherName' ? this.#checkTwin(name) : undefined)
      if (fault !== undefined) return fault
    }
    if (!this.#constrains('rfc822Name')) return undefined
    for (const value of subject.values(oids.emailAddress)) {
      const fault = this.#checkName({ kind: 'rfc822Name', value })
      if (fault !== undefined) return fault
    }
    return undefined
  }

  #constrains(kind: GeneralNameKind): boolean {
    return this.#permitted?.has(kind) === true || this.#excluded?.has(kind) === true
  }

  #checkTwin(name: Extract<GeneralName, { readonly kind: 'otherName' }>): NameConstraintFault | undefined {
    const kind = twinKind(name)
    if (kind === undefined || !this.#constrains(kind)) return undefined
    const twin = twinOf(name)
    if (twin === undefined) return undefined
    return twin === 'malformed' ? fault('malformed', name) : this.#checkName(twin)
  }

  #checkName(name: GeneralName): NameConstraintFault | undefined {
    const form = formOf(name)
    for (const subtree of this.#excluded?.get(form) ?? []) {
      const match = this.#match(name, subtree, 'excluded')
      if (match === 'within') return { code: 'name_excluded', message: `${describe(name)} lies in an excluded subtree` }
      if (match !== 'outside') return fault(match, name)
    }
    for (const set of this.#permitted?.get(form) ?? []) {
      let within = false
      for (const subtree of set) {
        const match = this.#match(name, subtree, 'permitted')
        if (match !== 'within' && match !== 'outside') return fault(match, name)
        if (match === 'within') {
          within = true
          break
        }
      }
      if (!within) return { code: 'name_not_permitted', message: `${describe(name)} lies in no permitted subtree` }
    }
    return undefined
  }

  #match(name: GeneralName, { base }: GeneralSubtree, list: 'permitted' | 'excluded'): SubtreeMatch {
    this.#spend(1)
    return matchSubtree(name, base, list)
  }
}

/** RFC 5280 §4.2.1.6: each type of otherName is a form of its own. */
function formOf(name: GeneralName): string {
  return name.kind === 'otherName' ? `otherName ${name.typeId}` : name.kind
}

function fault(match: 'malformed' | 'unsupported', name: GeneralName): NameConstraintFault {
  return match === 'malformed'
    ? {
        code: 'name_malformed',
        message: `${describe(name)} is no well-formed ${name.kind}, and its form is constrained`,
      }
    : { code: 'name_constraint_unsupported', message: `names of the form ${name.kind} are constrained` }
}

function describe(name: GeneralName): string {
  switch (name.kind) {
    case 'directoryName':
      return `'${name.value.toString().slice(0, 200)}'`
    case 'iPAddress':
      return `address ${name.value.join('.')}`
    case 'rfc822Name':
    case 'dNSName':
    case 'uniformResourceIdentifier':
      return `'${name.value.slice(0, 200)}'`
    case 'otherName':
      return `an otherName of type ${oidName(name.typeId)}`
    default:
      return `a name of the form ${name.kind}`
  }
}
