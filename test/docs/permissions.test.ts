import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { operationsOf } from '@mmf/framework/internal'
import { declaredPlatformService } from '../../layer/framework/src/http/platform/platform-service.ts'
import { plugins } from '../support/plugins.ts'

const page = readFileSync('docs/generated/permissions.md', 'utf8')
const security = readFileSync('SECURITY.md', 'utf8')
const platform = Object.values(declaredPlatformService.operations)
const operations = [...plugins.flatMap(operationsOf), ...platform]

test('the permission matrix has every route and every role, the platform’s own too', () => {
  for (const { http, declares, service, name } of operations) {
    const route = http === undefined ? '' : `\`${http.method} ${http.path}\``
    assert.ok(page.includes(`| \`${service}.${name}\` | ${route} |`), `${service}.${name}`)
    const roles = declares.auth === undefined || declares.auth.access === 'public' ? [] : declares.auth.roles
    for (const { name: role } of roles) {
      const row = page.split('\n').find(line => line.startsWith(`| role | \`${role}\` |`)) ?? ''
      assert.ok(row.includes(`\`${service}.${name}\``), `${role}: ${service}.${name}`)
    }
  }
})

test('the threat model names every role and every route of the platform', () => {
  for (const { http, declares } of operations) {
    const { auth } = declares
    for (const { name: role } of auth === undefined || auth.access === 'public' ? [] : auth.roles) {
      assert.ok(security.includes(`\`${role}\``), role)
    }
    if (http?.path.startsWith('/v1/') === false)
      assert.ok(security.includes(`${http.method} ${http.path}\``), http.path)
  }
})
