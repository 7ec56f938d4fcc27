import { RemovalPolicy } from 'aws-cdk-lib'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

/** How long log lines are kept, and whether they outlive their stack. */
export interface LogSettings {
  readonly retention: RetentionDays
  readonly retain: boolean
}

/**
 * A log group with an end. One that outlives its stack has a name that CloudFormation chooses: when the function comes back, or the stack does, a fixed
 * name would be taken.
 */
export function platformLogs(
  scope: Construct,
  id: string,
  { retention, retain, name }: LogSettings & { readonly name: string },
): LogGroup {
  return new LogGroup(scope, id, {
    ...(retain ? {} : { logGroupName: name }),
    retention,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}
