import { type App, Tags } from 'aws-cdk-lib'
import { type Deployment, nameOf } from '../deployment.ts'
import { ServiceStack } from './service-stack.ts'
import { StateStack } from './state-stack.ts'

/** The two stacks of one environment. */
export function buildStacks(
  app: App,
  deployment: Deployment,
): { readonly state: StateStack; readonly service: ServiceStack } {
  const stateName = nameOf(deployment, 'state')
  const serviceName = nameOf(deployment, 'service')
  const state = new StateStack(app, stateName, { deployment, stackName: stateName, description: 'Keys and tables' })
  const service = new ServiceStack(app, serviceName, {
    deployment,
    state,
    stackName: serviceName,
    description: 'Functions, API and events',
  })
  for (const stack of [state, service]) {
    Tags.of(stack).add('app', deployment.app)
    Tags.of(stack).add('env', deployment.environment)
  }
  return { state, service }
}
