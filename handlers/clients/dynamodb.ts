import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
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
    ScanCommand,
    PutItemCommand,
    UpdateItemCommand,
    DeleteItemCommand,
    TransactWriteItemsCommand,
  },
})
