import { Stack } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription, UrlSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import { Construct } from 'constructs'

export interface AlarmTopicProps {
  readonly name: string
  /** Must let CloudWatch in, which the key that AWS manages for SNS does not. */
  readonly encryptionKey: IKey
  /** An e-mail or https address that is notified of each alarm, after it has confirmed. */
  readonly address?: string | undefined
}

/** The one topic that every alarm of a deployment notifies. CloudWatch alarms of this account may write to it, and no other principal. */
export class AlarmTopic extends Construct {
  readonly topic: Topic

  constructor(scope: Construct, id: string, { name, encryptionKey, address }: AlarmTopicProps) {
    super(scope, id)
    this.topic = new Topic(this, 'Topic', { topicName: name, masterKey: encryptionKey, enforceSSL: true })
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    )
    if (address !== undefined) {
      this.topic.addSubscription(
        address.startsWith('https:') ? new UrlSubscription(address) : new EmailSubscription(address),
      )
    }
  }
}
