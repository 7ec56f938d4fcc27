import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as kms from '@aws-sdk/client-kms'
import { createAwsPlatform } from '@mmf/framework/aws'
import type { FunctionHandler, PlatformFactory } from '@mmf/framework/http'
import { plugins } from '../plugins/index.ts'

/** Time for one call to AWS, in milliseconds: a call that hangs is repeated while the request still has time. */
const requestTimeout = 5_000

const clientOptions = { maxAttempts: 3, requestHandler: { requestTimeout, connectionTimeout: 1_000 } }

/** The clients of this function, with the commands that the ports send, and nothing more of the SDK. */
export const awsPlatform: PlatformFactory = definition =>
  createAwsPlatform({
    dynamodb: {
      client: new dynamodb.DynamoDBClient(clientOptions),
      commands: {
        GetItemCommand: dynamodb.GetItemCommand,
        BatchGetItemCommand: dynamodb.BatchGetItemCommand,
        QueryCommand: dynamodb.QueryCommand,
        PutItemCommand: dynamodb.PutItemCommand,
        UpdateItemCommand: dynamodb.UpdateItemCommand,
        DeleteItemCommand: dynamodb.DeleteItemCommand,
        TransactWriteItemsCommand: dynamodb.TransactWriteItemsCommand,
      },
    },
    kms: {
      client: new kms.KMSClient(clientOptions),
      commands: {
        SignCommand: kms.SignCommand,
        GetPublicKeyCommand: kms.GetPublicKeyCommand,
        DescribeKeyCommand: kms.DescribeKeyCommand,
      },
    },
    plugins,
    definition,
    env: process.env,
  })

/** In Lambda everything is built during init, where a failure is seen at once; elsewhere nothing happens before it is asked for. */
export async function startInLambda(handler: FunctionHandler): Promise<FunctionHandler> {
  if (process.env['AWS_LAMBDA_FUNCTION_NAME'] !== undefined) await handler.boot()
  return handler
}
