import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isKeySpec, keySpecs } from '../keys/key-specs.ts'
import type { KeyShape, KeySpec } from '../keys/signing-algorithms.ts'
import { exportSpki } from '../keys/spki.ts'
import { checkSignRequest, type FakeKmsKey, KmsFailure, signAsKms } from './fake-kms-sign.ts'

/** What the next calls meet instead of an answer. `network` closes the connection, `hang` never answers. */
export type FakeKmsFault = 'throttle' | 'internal' | 'dependency-timeout' | 'deny' | 'network' | 'hang'

export interface FakeKms {
  /** `http://127.0.0.1:<port>`, the endpoint for the real client. */
  readonly endpoint: string
  readonly region: string
  /** Calls that arrived, by operation, refused ones included. */
  readonly calls: Readonly<Record<string, number>>
  /** Puts a key there without a call. Returns its ARN. */
  addKey(keySpec: KeySpec, privateKey: KeyObject, publicKey: KeyObject): string
  /** `Disabled` and `PendingDeletion` are refused by Sign as KMS does. */
  setState(arn: string, state: 'Enabled' | 'Disabled' | 'PendingDeletion'): void
  /** Every call fails so until it is set to undefined. */
  fail(fault: FakeKmsFault | undefined): void
  close(): Promise<void>
}

interface Stored extends FakeKmsKey {
  state: 'Enabled' | 'Disabled' | 'PendingDeletion'
}

const account = 'arn:aws:kms:eu-central-1:111122223333'

const faults: Readonly<Record<Exclude<FakeKmsFault, 'network' | 'hang'>, KmsFailure>> = {
  throttle: new KmsFailure('ThrottlingException', 'You have exceeded the rate at which you may call KMS.'),
  internal: new KmsFailure('KMSInternalException', 'An internal error occurred.', 500),
  'dependency-timeout': new KmsFailure('DependencyTimeoutException', 'A dependency timed out.', 500),
  deny: new KmsFailure('AccessDeniedException', 'User is not authorized to perform this action.'),
}

/**
 * A KMS on loopback for tests: AWS JSON 1.1 on the wire, real keys and signatures inside, and the checks that KMS makes, with its
 * error names. It knows Sign, GetPublicKey, DescribeKey and CreateKey, asymmetric signing keys, key ids and ARNs (no aliases), and
 * checks no request signature.
 */
export async function startFakeKms(): Promise<FakeKms> {
  const keys = new Map<string, Stored>()
  const calls: Record<string, number> = {}
  let fault: FakeKmsFault | undefined

  const addKey: FakeKms['addKey'] = (keySpec, privateKey, publicKey) => {
    const arn = `${account}:key/${randomUUID()}`
    keys.set(arn, { arn, keySpec, privateKey, publicKey, state: 'Enabled' })
    return arn
  }
  const find = (id: unknown): Stored => {
    if (typeof id !== 'string' || id === '') throw new KmsFailure('ValidationException', "Value at 'keyId' is invalid")
    const key = keys.get(id) ?? keys.get(`${account}:key/${id}`)
    if (key === undefined) throw new KmsFailure('NotFoundException', `Key '${id}' does not exist`)
    return key
  }
  const operations: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>> = {
    Sign(input) {
      const key = find(input['KeyId'])
      const request = checkSignRequest(key, input)
      if (key.state === 'Disabled') throw new KmsFailure('DisabledException', `${key.arn} is disabled.`)
      if (key.state !== 'Enabled') throw new KmsFailure('KMSInvalidStateException', `${key.arn} is pending deletion.`)
      return signAsKms(key, request)
    },
    GetPublicKey(input) {
      const { arn, keySpec, publicKey } = find(input['KeyId'])
      const der = Buffer.from(exportSpki(publicKey)).toString('base64')
      return { KeyId: arn, KeySpec: keySpec, KeyUsage: 'SIGN_VERIFY', PublicKey: der }
    },
    DescribeKey: input => ({ KeyMetadata: metadata(find(input['KeyId'])) }),
    CreateKey(input) {
      const { KeySpec: spec, KeyUsage: usage } = input
      if (typeof spec !== 'string' || !isKeySpec(spec) || usage !== 'SIGN_VERIFY')
        throw new KmsFailure('ValidationException', 'KeySpec or KeyUsage is not supported here')
      const { privateKey, publicKey } = generate(keySpecs[spec])
      return { KeyMetadata: metadata(find(addKey(spec, privateKey, publicKey))) }
    },
  }

  const server = createServer((request, response) => {
    const name = String(request.headers['x-amz-target']).replace(/^TrentService\./, '')
    calls[name] = (calls[name] ?? 0) + 1
    if (fault === 'hang') return
    if (fault === 'network') return void request.socket.destroy()
    void answer(request, response, async body => {
      if (fault !== undefined && fault !== 'hang' && fault !== 'network') throw faults[fault]
      const operation = operations[name]
      if (operation === undefined) throw new KmsFailure('UnknownOperationException', name)
      return operation(body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    calls,
    addKey,
    setState(arn, state) {
      find(arn).state = state
    },
    fail(next) {
      fault = next
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  operate: (body: Readonly<Record<string, unknown>>) => unknown,
): Promise<void> {
  const reply = (status: number, body: unknown) =>
    response
      .writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() })
      .end(JSON.stringify(body))
  try {
    if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
      throw new KmsFailure('SerializationException', 'Not AWS JSON 1.1')
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    reply(200, await operate(JSON.parse(Buffer.concat(chunks).toString())))
  } catch (error) {
    if (error instanceof KmsFailure) reply(error.status, { __type: error.name, message: error.message })
    else reply(500, { __type: 'KMSInternalException', message: String(error) })
  }
}

function metadata({ arn, keySpec, state }: Stored) {
  const id = arn.slice(arn.lastIndexOf('/') + 1)
  return {
    Arn: arn,
    KeyId: id,
    KeySpec: keySpec,
    KeyState: state,
    KeyUsage: 'SIGN_VERIFY',
    Enabled: state === 'Enabled',
  }
}

function generate(row: KeyShape): { privateKey: KeyObject; publicKey: KeyObject } {
  if (row.type === 'rsa') return generateKeyPairSync('rsa', { modulusLength: row.modulusBits })
  if (row.type === 'ec') return generateKeyPairSync('ec', { namedCurve: row.curve })
  if (row.type === 'ed25519') return generateKeyPairSync('ed25519')
  return generateKeyPairSync(row.type as 'ml-dsa-44')
}
