import { PolicyStatement } from 'aws-cdk-lib/aws-iam'

/** Actions on resources; nothing where there are none. A statement without resources would be refused. */
export const allowed = (resources: string[], ...actions: string[]): PolicyStatement[] =>
  resources.length === 0 ? [] : [new PolicyStatement({ actions, resources })]
