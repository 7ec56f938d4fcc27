import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defined } from '@mmf/framework'
import { type Duration, IgnoreMode } from 'aws-cdk-lib'
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Code,
  type ILayerVersion,
  Function as LambdaFunction,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { DeploymentError } from '../deployment-error.ts'
import { type LogSettings, platformLogs } from './platform-logs.ts'
import { roleName } from './role-name.ts'

export interface PlatformFunctionProps {
  /** Name of the function; the role's begins with it. */
  readonly name: string
  readonly description: string
  /** The build's folder of handlers, and the file in it without its ending. */
  readonly handlers: string
  readonly handler: string
  readonly layers: readonly ILayerVersion[]
  readonly memoryMb: number
  readonly timeout: Duration
  readonly reservedConcurrency?: number | undefined
  readonly logs: LogSettings
  readonly tracing: boolean
  readonly environment: Readonly<Record<string, string>>
  /** Further files of the build that it loads when it needs them. */
  readonly onDemand: readonly string[]
  /** Everything it may do beside writing its own log. */
  readonly statements: readonly PolicyStatement[]
}

/** One Lambda function with everything it must have: own role, own log group with an end, timeout, memory. */
export class PlatformFunction extends Construct {
  readonly resource: LambdaFunction
  readonly role: Role

  constructor(scope: Construct, id: string, props: PlatformFunctionProps) {
    super(scope, id)
    const { handlers, handler } = props
    const file = `${handler}.mjs`
    if (!existsSync(join(handlers, file))) {
      throw new DeploymentError(
        `function ${props.name} has no code: handlers/${handler}.ts is missing or not built (npm run build)`,
      )
    }
    const logGroup = platformLogs(this, 'Logs', { ...props.logs, name: `/aws/lambda/${props.name}` })
    this.role = new Role(this, 'Role', {
      roleName: roleName(this, props.name),
      description: props.description,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    })
    logGroup.grantWrite(this.role)
    for (const statement of props.statements) this.role.addToPolicy(statement)
    this.resource = new LambdaFunction(this, 'Function', {
      functionName: props.name,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: `${handler}.handler`,
      code: Code.fromAsset(handlers, {
        exclude: ['*', `!${file}`, ...props.onDemand.flatMap(name => ['!on-demand', `!on-demand/${name}.mjs`])],
        ignoreMode: IgnoreMode.GIT,
      }),
      layers: [...props.layers],
      role: this.role,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      ...defined({ reservedConcurrentExecutions: props.reservedConcurrency }),
      logGroup,
      tracing: props.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: { ...props.environment },
    })
  }
}
