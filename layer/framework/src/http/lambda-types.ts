import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda'

/** API Gateway HTTP API, payload format 2.0. With mutual TLS the event also carries the client's certificate. */
export type HttpEvent = APIGatewayProxyEventV2
export type HttpResult = APIGatewayProxyStructuredResultV2
export type LambdaContext = Context
