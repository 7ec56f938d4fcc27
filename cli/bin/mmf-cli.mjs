#!/usr/bin/env node
// Plain JavaScript, because it may be started by an older Node: it hands over to the pinned one, which runs TypeScript.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// What was compiled, and stripped of its types, is kept: the next call takes half the time.
const cache = process.env['NODE_COMPILE_CACHE'] ?? fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url))
const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const pinned = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))

if (Number(process.versions.node.split('.')[0]) >= 24) {
  const { enableCompileCache } = await import('node:module')
  enableCompileCache(cache)
  const { run } = await import(main)
  process.exitCode = await run(process.argv.slice(2))
} else if (existsSync(pinned)) {
  const { status, error } = spawnSync(pinned, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  })
  if (error !== undefined) throw error
  process.exitCode = status ?? 1
} else {
  console.error(`mmf-cli needs Node 24, this is ${process.versions.node}; in its repository, npm ci brings it`)
  process.exitCode = 1
}
