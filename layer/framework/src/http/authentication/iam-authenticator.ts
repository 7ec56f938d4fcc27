import type { BaseConfig } from '../../config/base-schema.ts'
import { subjectPrefixes } from '../../contract/subject-prefixes.ts'
import { MmfError } from '../../errors/mmf-error.ts'
import type { Authenticator, CredentialRequest } from './authenticator.ts'

/** What API Gateway writes into the event of a route with IAM authorization, once the signature (SigV4) has verified. */
interface IamContext {
  readonly authorizer?: { readonly iam?: { readonly userArn?: unknown } | null } | null
}

type IamRules = BaseConfig['authentication']['iam']

const roleSession = /^(arn:aws[a-z-]*:sts::\d{12}:assumed-role\/[\w+=,.@-]+)\/[\w+=,.@-]+$/
const identity = /^arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+$/

/** Whether API Gateway has verified a signature of AWS, which stands in the header `Authorization` or in the query. */
export const signedByAws = (request: CredentialRequest): boolean => userArn(request) !== undefined

/**
 * Callers that sign with their AWS identity. API Gateway verifies the signature and alone writes `requestContext.authorizer`; what an identity means
 * here the configuration says. All sessions of a role are one principal. An identity that no rule names is refused.
 */
export function iamAuthenticator(rules: IamRules): Authenticator {
  return {
    kind: 'iam',
    find(request) {
      const given = userArn(request)
      if (given === undefined) return undefined
      return { kind: 'iam', verify: async () => ({ principal: principalOf(given, rules) }) }
    },
  }
}

function principalOf(given: unknown, rules: IamRules) {
  const arn = typeof given === 'string' && identity.test(given) ? (roleSession.exec(given)?.[1] ?? given) : ''
  const grant = Object.hasOwn(rules, arn) ? rules[arn] : undefined
  if (grant === undefined) {
    throw new MmfError('access_denied', { detail: 'authentication.iam names no such AWS identity' })
  }
  const { roles, permissions } = grant
  return { subject: `${subjectPrefixes.iam}${arn}`, roles, permissions, method: 'iam' } as const
}

function userArn({ requestContext }: CredentialRequest): unknown {
  return (requestContext as IamContext).authorizer?.iam?.userArn
}
