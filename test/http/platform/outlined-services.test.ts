import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { openapiOf } from '@mmf/framework/http'
import { operationsOf, resourcesOf } from '@mmf/framework/internal'
import type { HandlerModule } from '../../../infra/local/functions.ts'
import type { BuildMeta } from '../../../tools/build/meta.ts'
import { root } from '../../../tools/build/paths.ts'
import { ensureBuilt } from '../../e2e/ensure-built.ts'
import { plugins } from '../../support/plugins.ts'

/** By name, since discovery gives them in its own order. */
const sorted = <T extends { readonly name: string }>(list: readonly T[]) =>
  list.toSorted((a, b) => (a.name < b.name ? -1 : 1))

describe('the platform function as it is built', () => {
  let definition: Extract<HandlerModule['definition'], { readonly platformOf: unknown }>
  before(async () => {
    await ensureBuilt()
    const module = await import(pathToFileURL(join(root, 'dist/handlers/platform.mjs')).href)
    definition = module.definition
  })

  it('holds no code of services', () => {
    const meta: BuildMeta = JSON.parse(readFileSync(join(root, 'dist/meta.json'), 'utf8'))
    const { inputs = {} } = meta.handlers.outputs['handlers/platform.mjs'] ?? {}
    const held = Object.keys(inputs).filter(file => file.startsWith('plugins/'))
    assert.ok(held.includes('plugins/marty/domain.ts'))
    assert.deepEqual(
      held.filter(file => /\/(service|plugin|operations)\b/.test(file)),
      [],
    )
  })

  it('knows the same services, routes and keys as the declarations', () => {
    const known = (some: typeof plugins) =>
      sorted(some).map(plugin => ({
        name: plugin.name,
        services: plugin.services.map(({ name, description, ages }) => [name, description, ages !== undefined]),
        routes: operationsOf(plugin).map(({ service, name, http }) => [service, name, http?.method, http?.path]),
        keys: resourcesOf(plugin).keys,
        roles: (plugin.roles ?? []).map(({ name }) => name),
      }))
    assert.deepEqual(known(definition.platformOf), known(plugins))
  })

  it('describes the API as the declarations do', async () => {
    const inOrder = definition.platformOf.flatMap(({ name }) => plugins.filter(plugin => plugin.name === name))
    assert.equal(inOrder.length, plugins.length)
    const described = await definition.described?.()
    const document = await openapiOf(definition.platformOf, undefined, [], {}, described)
    assert.deepEqual(document, await openapiOf(inOrder))
    const withoutIt = await openapiOf(definition.platformOf)
    assert.notDeepEqual(withoutIt, document, 'outlines alone have no schemas')
  })
})
