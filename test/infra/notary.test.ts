import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { plugins } from '../support/plugins.ts'
import { resourcesOf, statementsOf } from './policy-walk.ts'
import { type Synthesised, synthToy } from './toy-deployment.ts'

// Marty and the notary, synthesised together by the code of the real app.

let made: Synthesised
before(async () => {
  const services = plugins.flatMap(plugin => plugin.services.map(({ name }) => name.replaceAll('_', '-')))
  const handlers = [...services, 'platform', 'outbox-relay', 'outbox-sweeper', 'dead-letters']
  // Mutual TLS needs a domain, which is no concern of this test.
  const files = { 'plugins/marty.yaml': 'default:\n  require_mutual_tls: false\n' }
  made = await synthToy('testing', { plugins, handlers, files })
})

const short = (id: string) => id.replace(/[0-9A-F]{8}$/, '')

describe('the notary beside Marty', () => {
  test('has its tables, its function and its schedule', () => {
    const tables = Object.entries(resourcesOf(made.state))
      .filter(([id, { Type }]) => Type === 'AWS::DynamoDB::GlobalTable' && id.startsWith('Notary'))
      .map(([id]) => short(id))
    assert.deepEqual(tables.sort(), [
      'NotaryCheckpointsTable',
      'NotaryEntriesTable',
      'NotaryHeadsTable',
      'NotaryNodesTable',
      'NotarySubmissionsTable',
    ])
    const rules = Object.values(resourcesOf(made.service)).filter(({ Type }) => Type === 'AWS::Events::Rule')
    const runs = JSON.stringify(rules.map(({ Properties }) => Properties))
    assert.match(runs, /notary_log\.sign_new_entries/)
    assert.match(runs, /rate\(5 minutes\)/)
  })

  test('calls the function of the document signer, and holds no key', () => {
    const statements = statementsOf(made.service, made.state).filter(({ roles }) =>
      roles.some(role => short(role).startsWith('NotaryLog')),
    )
    const invoking = statements.filter(({ actions }) => actions.includes('lambda:InvokeFunction'))
    assert.equal(invoking.length, 1)
    assert.match(invoking[0]?.resources.join() ?? '', /:function:demo-testing-marty-document_signer$/)
    assert.ok(!statements.some(({ actions }) => actions.includes('kms:Sign')))
    const [variables] = Object.values(resourcesOf(made.service)).flatMap(({ Type, Properties }) => {
      const environment = Properties['Environment'] as { Variables: Record<string, string> } | undefined
      const named = String(Properties['FunctionName']).endsWith('notary-notary_log')
      return Type === 'AWS::Lambda::Function' && named ? [environment?.Variables ?? {}] : []
    })
    assert.deepEqual(JSON.parse(variables?.['MMF_FUNCTIONS'] ?? ''), {
      'marty.document_signer': 'demo-testing-marty-document_signer',
    })
  })
})
