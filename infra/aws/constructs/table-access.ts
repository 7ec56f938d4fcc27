import { Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { useOfDataKey } from './data-key.ts'
import type { PlatformTable } from './platform-table.ts'

/** What the database adapter sends; transactions need the same rights as their single writes. */
const reading = ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query']
const writing = ['dynamodb:ConditionCheckItem', 'dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']

/** Reading, or reading and writing, of one table and its indexes. Indexes cannot be written to. */
export function tableAccess(table: PlatformTable, access: 'read' | 'write'): PolicyStatement[] {
  const read = new PolicyStatement({ actions: reading, resources: table.resourceArns })
  if (access === 'read') return [read]
  return [read, new PolicyStatement({ actions: writing, resources: [table.arn] })]
}

/** Use of the tables' encryption key, through DynamoDB only. */
export function dataKeyAccess(key: IKey, access: 'read' | 'write'): PolicyStatement {
  return new PolicyStatement({
    actions: [...useOfDataKey[access]],
    resources: [key.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(key).region}.amazonaws.com` } },
  })
}
