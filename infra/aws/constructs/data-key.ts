import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AccountRootPrincipal, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Key } from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { keyAdministration } from './key-administration.ts'

/** What DynamoDB does with the key of a table on behalf of a principal that uses the table (DynamoDB developer guide, encryption at rest). */
export const useOfDataKey = {
  read: ['kms:Decrypt', 'kms:DescribeKey'],
  write: [
    'kms:Decrypt',
    'kms:DescribeKey',
    'kms:Encrypt',
    'kms:GenerateDataKey',
    'kms:GenerateDataKeyWithoutPlaintext',
    'kms:ReEncryptFrom',
    'kms:ReEncryptTo',
  ],
} as const

/**
 * The key that encrypts tables and the topic of alarms. KMS renews it every year; no principal can use it except through DynamoDB, and CloudWatch when
 * an alarm of this account rings.
 */
export function dataKey(scope: Construct, id: string, name: string, retain: boolean): Key {
  const throughDynamoDb = { 'kms:ViaService': `dynamodb.${Stack.of(scope).region}.amazonaws.com` }
  const policy = new PolicyDocument({
    statements: [
      keyAdministration(),
      new PolicyStatement({
        sid: 'Use',
        principals: [new AccountRootPrincipal()],
        actions: [...useOfDataKey.write, 'kms:CreateGrant'],
        resources: ['*'],
        conditions: { StringEquals: throughDynamoDb },
      }),
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
      }),
    ],
  })
  return new Key(scope, id, {
    description: `${name}: encrypts tables and alarms`,
    alias: `alias/${name}`,
    enableKeyRotation: true,
    policy,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}
