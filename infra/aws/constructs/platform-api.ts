import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  type DomainMappingOptions,
  type DomainName,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { ApiDomain } from '../deployment.ts'
import type { Route } from '../derive/routes.ts'
import { customDomain } from './custom-domain.ts'
import { type LogSettings, platformLogs } from './platform-logs.ts'

export interface PlatformApiProps {
  readonly name: string
  /** Answers whatever no route names: the error documents of 404 and 405 come from the same code as everything else. */
  readonly fallback: IFunction
  /** Where it is reached instead of its own address. */
  readonly domain?: ApiDomain | undefined
  /** What stands before the routes there: `/pki`, or nothing. */
  readonly basePath: string
  readonly throttle: { readonly rate: number; readonly burst: number }
  readonly logs: LogSettings
}

/** One JSON line per request. No header, no body, no query: they may hold secrets. */
const accessLog = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  integrationError: '$context.integrationErrorMessage',
  sourceIp: '$context.identity.sourceIp',
})

/** The HTTP API, payload format 2.0. It has no authorizer of its own: each function verifies the token, so that the same check runs everywhere. */
export class PlatformApi extends Construct {
  readonly url: string
  readonly id: string
  /** What the DNS name of the custom domain must point to. */
  readonly target: string | undefined
  private readonly api: HttpApi

  constructor(scope: Construct, id: string, props: PlatformApiProps) {
    super(scope, id)
    this.api = new HttpApi(this, 'Api', {
      apiName: props.name,
      createDefaultStage: false,
      // Through its own address a caller would come in without a client certificate.
      disableExecuteApiEndpoint: props.domain !== undefined,
      defaultIntegration: integration('Fallback', props.fallback),
    })
    this.id = this.api.apiId
    const logGroup = platformLogs(this, 'AccessLogs', { ...props.logs, name: `/aws/apigateway/${props.name}` })
    const { rate: rateLimit, burst: burstLimit } = props.throttle
    const domain = props.domain === undefined ? undefined : customDomain(this, props.domain)
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit, burstLimit },
      ...(domain === undefined ? {} : { domainMapping: mapping(domain, props.basePath) }),
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(accessLog),
      },
    })
    this.url = domain === undefined ? stage.url : `https://${domain.name}${props.basePath}/`
    this.target = domain?.regionalDomainName
  }

  addRoutes(name: string, routes: readonly Route[], handler: IFunction): void {
    if (routes.length === 0) return
    const target = integration(name, handler)
    for (const { method, path } of routes) {
      // HEAD is served where GET is.
      const methods = method === 'GET' ? [HttpMethod.GET, HttpMethod.HEAD] : [HttpMethod[method]]
      this.api.addRoutes({ path, methods, integration: target })
    }
  }
}

/** The path below a custom domain is its mapping key, which is written without slashes. */
const mapping = (domainName: DomainName, basePath: string): DomainMappingOptions =>
  basePath === '' ? { domainName } : { domainName, mappingKey: basePath.slice(1) }

/** One permission per function, not one per route: it lets this API call it. */
const integration = (name: string, handler: IFunction): HttpLambdaIntegration =>
  new HttpLambdaIntegration(name, handler, { scopePermissionToRoute: false })
