/** How the parameters of an AlgorithmIdentifier stand there (RFC 5280 §4.1.1.2). */
type ParameterForm = 'absent' | 'null' | 'other'

/**
 * How closely the parameters are held to their standard. `read`: what can only mean one thing is read, as issuers confuse NULL and absence
 * (one EC signed CSCA certificate in seven carries NULL). `conforming`: what the standard lets a CA write or makes a reader accept.
 * `exact`: the one form that the Baseline Requirements §7.1.3 print octet by octet.
 */
export type ParameterLevel = 'read' | 'conforming' | 'exact'

interface ParameterRow extends Readonly<Record<ParameterLevel, readonly ParameterForm[]>> {
  readonly clause: string
}

function row(
  clause: string,
  read: readonly ParameterForm[],
  conforming: readonly ParameterForm[] = read,
  exact: readonly ParameterForm[] = conforming,
): ParameterRow {
  return { clause, read, conforming, exact }
}

/**
 * The only list of what may stand in the parameters, by the kind of algorithm. `other` is a structure of the algorithm's own, which its
 * decoder reads; nothing else is let through for it.
 */
const parameterRules = {
  // Signatures. RFC 4055 §5 and RFC 8702 want NULL; the former makes every reader accept absence too.
  rsaSignature: row('RFC 4055 §5', ['null', 'absent'], ['null', 'absent'], ['null']),
  pssSignature: row('RFC 4055 §3.1', ['other']),
  ecdsaSignature: row('RFC 5758 §3.2', ['absent', 'null'], ['absent']),
  dsaSignature: row('RFC 3279 §2.2.2, RFC 5758 §3.1', ['absent', 'null'], ['absent']),
  pureSignature: row('RFC 8410 §3, RFC 9881 §2, RFC 9909 §3', ['absent']),
  // Keys.
  rsaKey: row('RFC 3279 §2.3.1, RFC 8017 §A.1', ['null', 'absent'], ['null']),
  pssKey: row('RFC 4055 §3.1', ['other', 'absent']),
  ecKey: row('RFC 5480 §2.1.1', ['other']),
  // Left out entirely where they are inherited; NULL says that less exactly.
  dsaKey: row('RFC 3279 §2.3.2', ['other', 'absent', 'null'], ['other', 'absent']),
  pureKey: row('RFC 8410 §3, RFC 9881 §4, RFC 9909 §5', ['absent']),
  agreementKey: row('RFC 8410 §3, RFC 9935 §3', ['absent']),
  // Digests in CMS, OCSP, RSASSA-PSS and the LDS security object.
  digest: row('RFC 4055 §2.1, RFC 5754 §2', ['null', 'absent']),
} as const satisfies Readonly<Record<string, ParameterRow>>

export type ParameterRule = keyof typeof parameterRules

/**
 * What is wrong with the parameters by the rule of their algorithm; undefined if nothing is.
 *
 * @param parameters as they stand in the AlgorithmIdentifier, tag and length included; undefined where there are none
 */
export function parameterFault(
  rule: ParameterRule,
  parameters: Uint8Array | undefined,
  level: ParameterLevel,
): string | undefined {
  const { clause, [level]: allowed }: ParameterRow = parameterRules[rule]
  const form = formOf(parameters)
  if (allowed.includes(form)) return undefined
  const found = form === 'absent' ? 'no parameters' : form === 'null' ? 'parameters NULL' : 'parameters'
  return `${found}, where ${allowed.map(wanted).join(' or ')} ${allowed.length > 1 ? 'are' : 'is'} allowed (${clause})`
}

function wanted(form: ParameterForm): string {
  return form === 'null' ? 'NULL' : form === 'absent' ? 'absence' : "the algorithm's own structure"
}

function formOf(parameters: Uint8Array | undefined): ParameterForm {
  if (parameters === undefined) return 'absent'
  return parameters.length === 2 && parameters[0] === 0x05 && parameters[1] === 0x00 ? 'null' : 'other'
}
