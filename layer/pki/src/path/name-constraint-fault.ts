/** What a name or a constraint fails by; `message` names it. */
export interface NameConstraintFault {
  readonly code:
    | 'name_excluded'
    | 'name_not_permitted'
    | 'name_constraint_malformed'
    | 'name_constraint_unsupported'
    | 'name_malformed'
  readonly message: string
}
