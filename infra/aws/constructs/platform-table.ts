import type { AnyTable } from '@mmf/framework'
import { defined } from '@mmf/framework'
import { RemovalPolicy } from 'aws-cdk-lib'
import {
  type Attribute,
  AttributeType,
  Billing,
  CfnGlobalTable,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import { keyType } from '../framework.ts'

export interface PlatformTableProps {
  readonly table: AnyTable
  readonly encryptionKey: IKey
  readonly retain: boolean
  /** Publish each change, for the relay. */
  readonly stream?: boolean
}

const attributeTypes = { S: AttributeType.STRING, N: AttributeType.NUMBER, B: AttributeType.BINARY } as const

/** A table as declared, on demand, encrypted with our own key, restorable to any second of the last 35 days. */
export class PlatformTable extends Construct {
  readonly declared: AnyTable
  readonly name: string
  readonly arn: string
  readonly resource: TableV2

  constructor(scope: Construct, id: string, props: PlatformTableProps) {
    super(scope, id)
    const { table, encryptionKey, retain } = props
    const attribute = (name: string): Attribute => ({ name, type: attributeTypes[keyType(table, name)] })
    this.declared = table
    this.resource = new TableV2(this, 'Table', {
      partitionKey: attribute(table.partition),
      ...defined({
        sortKey: table.sort === undefined ? undefined : attribute(table.sort),
        timeToLiveAttribute: table.ttl,
      }),
      globalSecondaryIndexes: Object.entries(table.indexes).map(([indexName, { partition, sort }]) => ({
        indexName,
        partitionKey: attribute(partition),
        ...(sort === undefined ? {} : { sortKey: attribute(sort) }),
      })),
      ...(props.stream ? { dynamoStream: StreamViewType.NEW_IMAGE } : {}),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retain,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    })
    // TableV2's own way to name a key needs the region at synthesis; the property does not.
    const { defaultChild } = this.resource.node
    if (!(defaultChild instanceof CfnGlobalTable)) throw new Error('TableV2 is no longer a global table')
    defaultChild.addPropertyOverride('Replicas.0.SSESpecification.KMSMasterKeyId', encryptionKey.keyArn)
    this.name = this.resource.tableName
    this.arn = this.resource.tableArn
  }

  /** @throws {Error} when the table was declared without a stream */
  get streamArn(): string {
    const { tableStreamArn } = this.resource
    if (tableStreamArn === undefined) throw new Error(`table ${this.declared.name} has no stream`)
    return tableStreamArn
  }

  /** The table and each of its indexes, by name. */
  get resourceArns(): string[] {
    return [this.arn, ...Object.keys(this.declared.indexes).map(index => `${this.arn}/index/${index}`)]
  }
}
