import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transform } from 'esbuild'
import { isMmfError } from '../../errors/mmf-error.ts'
import { recordingObservability } from '../../testing/recording-observability.ts'
import { testCall } from '../../testing/test-call.ts'
import { definePermission, defineRole } from '../access.ts'
import { requiresAuth } from '../concerns/requires-auth.ts'
import { traceOperation } from '../concerns/trace-operation.ts'
import { trackMetrics } from '../concerns/track-metrics.ts'
import type { PluginContext } from '../plugin-context.ts'
import type { Invocation, Method } from './concern.ts'

// Node strips types but does not lower decorators, so the class is written as its author would and transpiled here.
const documentSigner = defineRole({ name: 'document_signer', description: 'Signs' })
const signDocuments = definePermission({ name: 'sign_documents', description: 'Signs' })
const source = `
class Signer {
  #prefix = 'signed '
  @requiresAuth({ roles: [documentSigner], permissions: [signDocuments] })
  @trackMetrics({ metricName: 'document_sign_requests', timing: true })
  @traceOperation({ operationName: 'sign_document' })
  async signDocument(input, invocation) {
    return this.#prefix + input
  }
}
return new Signer()
`

test('concerns are standard method decorators: same order, same effects, `this` kept', async () => {
  const { code } = await transform(
    `function make(requiresAuth, trackMetrics, traceOperation, documentSigner, signDocuments) {${source}}`,
    {
      target: 'es2022',
    },
  )
  const make = new Function(`${code}; return make`)()
  const signer = make(requiresAuth, trackMetrics, traceOperation, documentSigner, signDocuments) as {
    signDocument: Method<string, string>
  }
  const observability = recordingObservability()
  const context = {
    plugin: { name: 'toy', version: '1', metricPrefix: 'toy' },
    observability,
  } as unknown as PluginContext
  const invocation = (principal: { roles?: string[]; permissions?: string[] }): Invocation => ({
    context,
    config: {},
    call: testCall({ principal }),
    labels: new Map(),
    label: () => {},
  })

  const answer = await signer.signDocument(
    'paper',
    invocation({ roles: ['document_signer'], permissions: ['sign_documents'] }),
  )

  assert.equal(answer, 'signed paper')
  assert.equal(observability.counts.get('toy_document_sign_requests_total{status="success"}'), 1)
  assert.equal(observability.spans[0]?.name, 'sign_document')
  await assert.rejects(signer.signDocument('paper', invocation({})), error => isMmfError(error, 'role_missing'))
  assert.equal(observability.spans.length, 1)
})
