import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3'
import type { Construct } from 'constructs'

/**
 * The blobs of one plugin. Each plugin has a bucket of its own: S3 says "no such object" only to those who may list the bucket, and a list
 * cannot be limited to a prefix without losing that.
 */
export function blobBucket(scope: Construct, id: string, retain: boolean): Bucket {
  return new Bucket(scope, id, {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: retain,
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}

/** How long S3 keeps what is locked: compliance mode knows no exception for any principal. */
const lockedYears = 10

/**
 * The blobs of one plugin that are written once. In production S3 lets no principal replace or remove a version before its time, the account's root included; in
 * other environments the bucket goes with the stack.
 */
export function lockedBucket(scope: Construct, id: string, retain: boolean): Bucket {
  const lock = {
    objectLockEnabled: true,
    objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(365 * lockedYears)),
  }
  return new Bucket(scope, id, {
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    versioned: true,
    ...(retain ? lock : {}),
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  })
}

/** Reading and adding, nothing else. */
export function lockedAccess(bucket: Bucket, plugin: string): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject'],
      resources: [bucket.arnForObjects(`${plugin}/*`)],
    }),
  ]
}

/** Reading, or reading and writing, of the objects below a plugin's prefix. */
export function blobAccess(bucket: Bucket, plugin: string, access: 'read' | 'write'): PolicyStatement[] {
  const writing = ['s3:AbortMultipartUpload', 's3:DeleteObject', 's3:PutObject']
  return [
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }),
    new PolicyStatement({
      actions: ['s3:GetObject', ...(access === 'write' ? writing : [])],
      resources: [bucket.arnForObjects(`${plugin}/*`)],
    }),
  ]
}
