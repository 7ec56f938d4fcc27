import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Environment, environments } from '@mmf/framework'
import { synthToy } from './toy-deployment.ts'
import { toy } from './toy-plugin.ts'

describe('what cannot be deployed', () => {
  test('no environment, an unknown one, or no issuer of tokens', async () => {
    await assert.rejects(synthToy(undefined), /^Error: no environment given: use --context env=<development\|/)
    await assert.rejects(synthToy('prod' as Environment), /"prod" is no environment/)
    for (const environment of environments) {
      await assert.rejects(synthToy(environment, { variables: {} }), /authentication\.issuer.* is not set/)
    }
  })

  test('a service without code', async () => {
    const handlers = ['toy-sender', 'toy-inspector', 'platform', 'outbox-relay']
    await assert.rejects(synthToy('testing', { handlers }), /toy-toy_reader has no code: handlers\/toy-reader\.ts/)
  })

  test('two plugins with a table of the same name', async () => {
    await assert.rejects(
      synthToy('testing', { plugins: [toy, { ...toy, services: toy.services }] }),
      /two tables are called toy_letters/,
    )
  })
})
