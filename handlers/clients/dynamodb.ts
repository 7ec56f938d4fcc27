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
import { clientOptions } from './client-options.ts'

export const dynamodb = () => ({
  client: new DynamoDBClient(clientOptions),
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
