import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AccountRootPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Alias, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'
import type { PlannedKey } from '../derive/key-plan.ts'
import { keyAdministration } from './key-administration.ts'
import { roleName } from './role-name.ts'

export interface SigningKeyProps {
  readonly planned: PlannedKey
  /** For people in the console. Software names the ARN. */
  readonly aliasName: string
  /** Names of the functions that sign with it. */
  readonly signerRoles: readonly string[]
}

/**
 * An asymmetric signing key. Its policy separates administration from use: the account's administrators manage it but cannot sign, and only
 * the roles of the services that declared it can, each needing its own IAM grant besides.
 */
export class SigningKey extends Construct {
  readonly keyId: string
  /** Of the first version. A later one is another key, named by the key catalogue. */
  readonly arn: string

  constructor(scope: Construct, id: string, props: SigningKeyProps) {
    super(scope, id)
    const { planned } = props
    const key = new Key(this, 'Version1', {
      description: `${planned.keyId}: ${planned.algorithms.join(', ')}`,
      keySpec: specOf(planned.keySpec),
      keyUsage: KeyUsage.SIGN_VERIFY,
      policy: new PolicyDocument({ statements: [keyAdministration(), ...this.use(props.signerRoles)] }),
      // In every environment: a change of the configuration takes keys away, and what a key has signed is to be believed afterwards.
      removalPolicy: RemovalPolicy.RETAIN,
    })
    new Alias(this, 'Alias', { aliasName: props.aliasName, targetKey: key })
    this.keyId = planned.keyId
    this.arn = key.keyArn
  }

  /** The roles are named through a condition, so that this stack neither needs nor waits for the one that creates them. */
  private use(signerRoles: readonly string[]): PolicyStatement[] {
    if (signerRoles.length === 0) return []
    const format = { service: 'iam', region: '', resource: 'role', arnFormat: ArnFormat.SLASH_RESOURCE_NAME }
    const arns = signerRoles.map(name => Stack.of(this).formatArn({ ...format, resourceName: roleName(this, name) }))
    return [
      new PolicyStatement({
        sid: 'Use',
        principals: [new AccountRootPrincipal()],
        actions: ['kms:Sign'],
        resources: ['*'],
        conditions: { ArnEquals: { 'aws:PrincipalArn': arns } },
      }),
    ]
  }
}

/** Our key specs have the names of the KMS API; CDK's enum does too, where it knows them. */
function specOf(keySpec: PlannedKey['keySpec']): KeySpec {
  const known = Object.values(KeySpec).find(value => value === keySpec)
  if (known === undefined) throw new Error(`aws-cdk-lib has no key spec ${keySpec}`)
  return known
}
