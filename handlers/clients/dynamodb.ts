import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type ClientOptions, clientOptions } from './client-options.ts'

export const dynamodb = (options: ClientOptions = clientOptions) => ({
  client: new DynamoDBClient(options),
  commands: {
    GetItemCommand,
    BatchGetItemCommand,
    QueryCommand,
    PutItemCommand,
    UpdateItemCommand,
    DeleteItemCommand,
    TransactWriteItemsCommand,
  },
})
