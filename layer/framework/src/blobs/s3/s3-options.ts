import type * as Sdk from '@aws-sdk/client-s3'
import type { Clock } from '../../clock/clock.ts'
import { isLockedKey } from '../check-blob.ts'

/** The commands the adapter sends; from the handler, whose bundle holds the one copy of the SDK. */
type S3Commands = Pick<
  typeof Sdk,
  | 'PutObjectCommand'
  | 'GetObjectCommand'
  | 'HeadObjectCommand'
  | 'DeleteObjectCommand'
  | 'ListObjectsV2Command'
  | 'CreateMultipartUploadCommand'
  | 'UploadPartCommand'
  | 'CompleteMultipartUploadCommand'
  | 'AbortMultipartUploadCommand'
>

export interface S3BlobsOptions {
  readonly client: Pick<Sdk.S3Client, 'send' | 'config'>
  readonly commands: S3Commands
  readonly bucket: string
  /** Where the blobs lie that are written once; default with the others. */
  readonly lockedBucket?: string | undefined
  readonly clock: Clock
  /** Bodies above it go up in parts of this size, in bytes; default 8 MB, S3's least is 5 MB. */
  readonly partBytes?: number
}

export const bucketOf = ({ bucket, lockedBucket = bucket }: S3BlobsOptions, key: string): string =>
  isLockedKey(key) ? lockedBucket : bucket
