import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as sdk from '@aws-sdk/client-s3'
import { blobsContract } from '../../testing/blobs-contract.ts'
import { failure } from '../../testing/database/harness.ts'
import { fakeS3Credentials, fakeS3Region, startFakeS3 } from '../../testing/fake-s3.ts'
import { createManualClock, type ManualClock } from '../../testing/manual-clock.ts'
import { createS3Blobs } from './s3-blobs.ts'
import { presignS3 } from './sigv4-presign.ts'

async function setUp(clock: ManualClock) {
  const s3 = await startFakeS3(clock)
  const client = new sdk.S3Client({
    endpoint: s3.endpoint,
    forcePathStyle: true,
    region: fakeS3Region,
    credentials: fakeS3Credentials,
    maxAttempts: 1,
  })
  const blobs = createS3Blobs({ client, commands: sdk, bucket: 'bucket', clock, partBytes: 5 * 1024 * 1024 })
  const close = async () => {
    client.destroy()
    await s3.close()
  }
  return { s3, blobs, close }
}

blobsContract('S3', async ({ clock }) => {
  const { blobs, s3, close } = await setUp(clock)
  return {
    blobs,
    async close() {
      assert.equal(s3.openUploads(), 0)
      await close()
    },
  }
})

describe('blobs in S3', () => {
  it('an outage is service_unavailable, and a put may be repeated after it', async () => {
    const { s3, blobs, close } = await setUp(createManualClock())
    s3.outage = true
    await failure(blobs.put('a', Buffer.from('a')), 'service_unavailable')
    await failure(blobs.get('a'), 'service_unavailable')
    await failure(blobs.head('a'), 'service_unavailable')
    await failure(blobs.list(''), 'service_unavailable')
    await failure(blobs.ping(), 'service_unavailable')
    s3.outage = false
    assert.equal((await blobs.put('a', Buffer.from('a'))).size, 1)
    await blobs.ping()
    await close()
  })

  it('addresses buckets on AWS by host name, with the session token of temporary credentials', async () => {
    const credentials = { ...fakeS3Credentials, sessionToken: 'token/+' }
    const client = new sdk.S3Client({ region: 'eu-central-1', credentials })
    const blobs = createS3Blobs({ client, commands: sdk, bucket: 'lists', clock: createManualClock() })
    const { url } = await blobs.presignGet('a/b.zip', { expiresSeconds: 300 })
    assert.ok(url.startsWith('https://lists.s3.eu-central-1.amazonaws.com/a/b.zip?'))
    assert.ok(url.includes('X-Amz-Security-Token=token%2F%2B'))
    client.destroy()
  })
})

describe('presignS3', () => {
  it('makes the URL of the example in the S3 API reference', () => {
    const url = presignS3({
      method: 'GET',
      url: new URL('https://examplebucket.s3.amazonaws.com/test.txt'),
      headers: {},
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
      date: new Date('2013-05-24T00:00:00Z'),
      expiresSeconds: 86_400,
    })
    assert.equal(
      new URL(url).searchParams.get('X-Amz-Signature'),
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    )
  })
})
