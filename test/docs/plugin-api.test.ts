import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { limits } from '../../layer/framework/src/database/limits.ts'
import { pluginTransitions } from '../../layer/framework/src/runtime/state-machine.ts'
import { readPage, root } from './pages.ts'

const page = readPage('docs/plugin-api.md')

/** The text below a heading, up to the next one of its level. */
function section(heading: string): string {
  const found = page.prose.split(/^## /m).find(part => part.startsWith(`${heading}\n`))
  assert.ok(found, `the page has a section "${heading}"`)
  return found
}

const firstCells = (text: string) => [...text.matchAll(/^\| (`[^|]*?) \|/gm)].map(([, cell = '']) => cell)
const namesIn = (text: string) => [...text.matchAll(/`([A-Za-z]\w*)/g)].map(([, name = '']) => name)

/** The names that a module exports, types too. */
function exportsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, names = '']) =>
    names
      .split(',')
      .map(name => name.trim().replace(/^type /, ''))
      .filter(name => name !== ''),
  )
}

test('the list of exports is that of the code', () => {
  const [values = '', types = ''] = section('Every export').split('Types:')
  const listed = [...firstCells(values).flatMap(namesIn), ...namesIn(types)]
  const parameters = new Set(['definition', 'config', 'context', 'array'])
  const exported = exportsOf('layer/framework/src/index.ts')
  assert.deepEqual(listed.filter(name => !parameters.has(name)).toSorted(), exported.toSorted())
})

test('the testing kit is that of the code', () => {
  const named = new Set(namesIn(section('Testing')))
  const functions = exportsOf('layer/framework/src/testing/index.ts').filter(name => /^[a-z]/.test(name))
  assert.deepEqual(
    functions.filter(name => !named.has(name)),
    [],
  )
})

/** The members of an interface, read from its source. */
function membersOf(file: string, name: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8')
  const [, body = ''] = new RegExp(`export interface ${name}\\b[\\s\\S]*? \\{\\n([\\s\\S]*?)\\n\\}`).exec(text) ?? []
  const members = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member = '']) => member)
  assert.ok(members.length > 0, `${name} of ${file}`)
  return members.toSorted()
}

test('the members of a context, a call and an HTTP declaration are those of the code', () => {
  const [operations = '', afterHttp = ''] = section('Operations').split('`http` in full:')
  const [http = '', call = ''] = afterHttp.split('### The call')
  assert.ok(operations.includes('| `run('))
  const listed = (text: string) => firstCells(text).flatMap(namesIn).toSorted()
  const source = 'layer/framework/src'
  assert.deepEqual(listed(section('The context')), membersOf(`${source}/contract/plugin-context.ts`, 'PluginContext'))
  assert.deepEqual(listed(call), membersOf(`${source}/contract/call.ts`, 'Call'))
  assert.deepEqual(listed(http), membersOf(`${source}/contract/operation/operation.ts`, 'HttpDeclaration'))
})

test('the states of a plugin are those of the code', () => {
  const named = section('Life cycle').split('.\n')[0] ?? ''
  const states = namesIn(named).filter(name => name !== 'PluginManager' && name !== 'plugin_illegal_transition')
  assert.deepEqual(states.toSorted(), Object.keys(pluginTransitions).toSorted())
})

test('the limits of the database are those of the code', () => {
  const text = section('Database').replaceAll(',', '')
  const shown = [
    limits.transactionWrites,
    limits.transactionBytes,
    limits.rowBytes,
    limits.nesting,
    limits.fieldNameBytes,
    limits.partitionKeyBytes,
    limits.sortKeyBytes,
    limits.getManyKeys,
    limits.pageRows,
    limits.operands,
    limits.tokenCharacters,
  ]
  for (const limit of shown) assert.match(text, new RegExp(`\\b${limit}\\b`))
  assert.equal(limits.pageRowsDefault, 100)
  assert.equal(limits.tokenSeconds, 10 * 60)
  assert.equal(limits.pageBytes, 1024 * 1024)
})

test('what definePlugin takes is that of the code', () => {
  const row = /^\| `definePlugin\(definition\)` \|([^|]*)\|/m.exec(section('Every export'))?.[1] ?? ''
  const members = membersOf('layer/framework/src/contract/define-plugin.ts', 'PluginDefinition')
  const parameters = new Set(['config', 'definition'])
  assert.deepEqual(
    members.filter(name => !namesIn(row).includes(name)),
    [],
  )
  assert.ok(namesIn(row).every(name => members.includes(name) || parameters.has(name)))
})
