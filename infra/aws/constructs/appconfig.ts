import { Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { type ILayerVersion, LayerVersion } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { BaseConfig } from '../framework.ts'

/** The AppConfig agent beside a function, where configurations are read from there. */
export function agentLayer(
  scope: Construct,
  { configuration: { appconfig } }: BaseConfig,
  handler: string,
): ILayerVersion[] {
  if (appconfig === undefined) return []
  return [LayerVersion.fromLayerVersionArn(scope, `AppConfigAgent-${handler}`, appconfig.extension_layer)]
}

/** Reading the configurations of this environment of the application, and no others (AppConfig, actions of the data plane). */
export function appConfigAccess(scope: Construct, { configuration: { appconfig } }: BaseConfig): PolicyStatement[] {
  if (appconfig === undefined) return []
  const { application, environment } = appconfig
  const resourceName = `${application}/environment/${environment}/configuration/*`
  return [
    new PolicyStatement({
      actions: ['appconfig:StartConfigurationSession', 'appconfig:GetLatestConfiguration'],
      resources: [Stack.of(scope).formatArn({ service: 'appconfig', resource: 'application', resourceName })],
    }),
  ]
}
