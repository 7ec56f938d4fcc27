import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'

/**
 * Reading named secrets. Secrets Manager ends an ARN in six characters that are unknown before the secret is made; a pattern of exactly six
 * matches no longer name (Secrets Manager User Guide, "IAM policy examples").
 */
export function secretAccess(scope: Construct, prefix: string, names: readonly string[]): PolicyStatement[] {
  if (names.length === 0) return []
  const resources = names.map(name =>
    Stack.of(scope).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${prefix}${name}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }),
  )
  return [new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources })]
}
