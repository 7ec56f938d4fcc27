import { createHash } from 'node:crypto'
import { Stack } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

/** IAM takes 64 characters; the longest name of a region has 14, and a dash stands before it. */
const maxName = 64 - 15

/**
 * The name of the role of a function. It is fixed, because the policies of signing keys name it, and carries the region: roles are of an account, and a
 * deployment in another region of it has roles of its own.
 */
export function roleName(scope: IConstruct, name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 8)
  const short = name.length <= maxName ? name : `${name.slice(0, maxName - 9)}-${hash}`
  return `${short}-${Stack.of(scope).region}`
}
