import { type App, CfnOutput, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib'
import { type Deployment, nameOf } from '../deployment.ts'
import { ServiceStack } from './service-stack.ts'
import { StateStack } from './state-stack.ts'

export interface Stacks {
  readonly root: Stack
  readonly state: StateStack
  readonly service: ServiceStack
}

/**
 * One stack per environment, so that `cdk deploy` needs no name, with two nested in it: what must survive and what can be replaced. What the second
 * needs of the first it is given as parameters by the root; nothing is exported, so that nothing that goes is held back by an import.
 */
export function buildStacks(app: App, deployment: Deployment): Stacks {
  const { retainState } = deployment.settings
  const stackName = nameOf(deployment)
  const root = new Stack(app, stackName, {
    stackName,
    description: 'Marty and MMF',
    terminationProtection: retainState,
  })
  Tags.of(root).add('app', deployment.app)
  Tags.of(root).add('env', deployment.environment)
  const state = new StateStack(root, 'State', {
    deployment,
    description: 'Keys and tables',
    removalPolicy: retainState ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
  const service = new ServiceStack(root, 'Service', { deployment, state, description: 'Functions, API and events' })
  for (const [name, value] of Object.entries(service.outputs)) new CfnOutput(root, name, { value })
  return { root, state, service }
}
