import { Duration } from 'aws-cdk-lib'
import { Alarm as CloudWatchAlarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import { pascal } from '../derive/names.ts'
import type { Alarm } from '../framework.ts'

export interface AlarmsProps {
  /** First part of the names of alarms. */
  readonly name: string
  /** Where the functions write their own metrics. */
  readonly namespace: string
  readonly topic: ITopic
}

interface Watched extends Pick<Alarm, 'description' | 'statistic' | 'threshold' | 'periodMinutes' | 'missingData'> {
  /** Parts of the alarm's name after the deployment's. */
  readonly name: readonly string[]
  readonly namespace: string
  readonly metricName: string
  readonly dimensions: Readonly<Record<string, string>>
}

const treatMissing: Readonly<Record<Alarm['missingData'], TreatMissingData>> = {
  well: TreatMissingData.NOT_BREACHING,
  wrong: TreatMissingData.BREACHING,
  as_before: TreatMissingData.IGNORE,
}

/** In five minutes; what AWS counts is not there when it did not happen. */
const often = { statistic: 'sum', periodMinutes: 5, missingData: 'well' } as const

/** Every alarm of a deployment. Each notifies the one topic, when it rings and when it is over. */
export class Alarms extends Construct {
  private readonly props: AlarmsProps

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id)
    this.props = props
  }

  /** What a plugin or the platform declares over its own metrics. */
  declared(owner: readonly string[], alarms: readonly Alarm[]): void {
    for (const { name, labels, ...alarm } of alarms) {
      this.add({ ...alarm, name: [...owner, name], namespace: this.props.namespace, dimensions: labels ?? {} })
    }
  }

  /** A function that fails, or is called more often than it may run. */
  ofFunction(owner: readonly string[], { functionName }: LambdaFunction): void {
    const common = { ...often, namespace: 'AWS/Lambda', dimensions: { FunctionName: functionName }, threshold: 1 }
    this.add({
      ...common,
      name: [...owner, 'errors'],
      metricName: 'Errors',
      description:
        'Calls of the function ended in an error: its start failed, an event was not handled, or it ran out of time.',
    })
    this.add({
      ...common,
      name: [...owner, 'throttles'],
      metricName: 'Throttles',
      description: 'The function was called more often than the account lets it run at once.',
    })
  }

  ofDeadLetters(owner: readonly string[], { queueName }: Queue): void {
    this.add({
      ...often,
      statistic: 'maximum',
      threshold: 1,
      name: [...owner, 'dead_letters'],
      namespace: 'AWS/SQS',
      metricName: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queueName },
      description:
        'The dead-letter queue holds messages: what could not be delivered has not been filed, or cannot be.',
    })
  }

  ofApi(apiId: string): void {
    this.add({
      ...often,
      threshold: 5,
      name: ['api', 'server_errors'],
      namespace: 'AWS/ApiGateway',
      metricName: '5xx',
      dimensions: { ApiId: apiId },
      description: 'Five or more answers with a status of 500 or more in five minutes.',
    })
  }

  private add({ name, description, ...watched }: Watched): void {
    const alarm = new CloudWatchAlarm(this, name.map(pascal).join(''), {
      alarmName: [this.props.name, ...name].join('-'),
      alarmDescription: description,
      metric: new Metric({
        namespace: watched.namespace,
        metricName: watched.metricName,
        dimensionsMap: { ...watched.dimensions },
        statistic: pascal(watched.statistic),
        period: Duration.minutes(watched.periodMinutes),
      }),
      threshold: watched.threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: treatMissing[watched.missingData],
    })
    const action = new SnsAction(this.props.topic)
    alarm.addAlarmAction(action)
    alarm.addOkAction(action)
  }
}
