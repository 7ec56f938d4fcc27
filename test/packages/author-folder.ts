import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools/build/paths.ts'
import { environment, type FreshFolder } from './fresh-folder.ts'

/** An issuer, as every deployment has to name one. */
const issuer = {
  MMF__authentication__issuer: 'https://issuer.example',
  MMF__authentication__audience: 'marty',
  MMF__authentication__jwks_uri: 'https://issuer.example/jwks',
}

/** What an author does in a folder of their own that has nothing but the packed packages installed, from `plugin new` on. */
export function authorIn({ path, run }: FreshFolder) {
  const program = join(path, 'node_modules/.bin/mmf-cli')
  const cli = (...args: string[]) => run(process.execPath, program, ...args)
  return {
    /** A plugin as it is written: found, compiled, tested, with a schema that an editor finds. */
    begin() {
      cli('plugin', 'new', 'hello')
      assert.match(cli('plugin', 'validate'), /^valid +hello$/m)
      assert.match(cli('config', 'validate'), /^valid +hello, development$/m)
      assert.match(cli('routes'), /^GET +\/v1\/hello\/greeting +hello\.hello\.greet$/m)
      const plugin = join(path, 'plugins/hello')
      const [, schema = ''] = /\$schema=(.*)/.exec(readFileSync(join(plugin, 'plugin.yaml'), 'utf8')) ?? []
      assert.equal(join(plugin, schema), join(path, 'node_modules/@mmf/framework/lib/plugin.schema.json'))
      assert.ok(existsSync(join(plugin, schema)))
    },
    types: () => void run(process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', 'plugins/hello'),
    test() {
      const said = run(process.execPath, '--test', '--test-reporter=tap', 'plugins/hello/plugin.test.ts')
      assert.match(said, /^# pass 1$/m)
    },
    /** Builds and serves; the first request is answered, and one without the role is refused. Ends by a signal. */
    async answer() {
      const child = spawn(process.execPath, [program, 'start'], {
        cwd: path,
        env: { ...environment(), MMF__server__port: '0' },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      try {
        let said = ''
        const url = await new Promise<string>((resolve, reject) => {
          const read = (text: Buffer) => {
            said += text
            const [, address] = /answers at (http:\S+)/.exec(said) ?? []
            if (address !== undefined) resolve(address)
          }
          for (const stream of [child.stdout, child.stderr]) stream.on('data', read)
          child.once('exit', code => reject(new Error(`mmf-cli start ended with ${code}:\n${said}`)))
        })
        const ask = async (roles: string) => {
          const token = cli('token', '--roles', roles).trim()
          const headers = { authorization: `Bearer ${token}` }
          const response = await fetch(`${url}/v1/hello/greeting?name=Ann`, { headers })
          return [response.status, await response.json()] as const
        }
        assert.deepEqual(await ask('hello_caller'), [200, { greeting: 'Hello, Ann' }])
        assert.equal((await ask('another_role'))[0], 403)
      } finally {
        const ended = child.exitCode === null ? once(child, 'exit') : undefined
        child.kill('SIGTERM')
        await ended
      }
      assert.equal(child.exitCode, 0)
    },
    /** A function of its own, and its route, in the templates of a deployed environment. */
    synthesise() {
      cli('build')
      const variables = Object.entries(issuer).map(([name, value]) => `${name}=${value}`)
      run('env', ...variables, process.execPath, program, 'synth', '--env', 'testing')
      const templates = readdirSync(join(path, 'cdk.out')).filter(name => name.endsWith('.template.json'))
      const texts = templates.map(name => readFileSync(join(path, 'cdk.out', name), 'utf8'))
      assert.ok(texts.some(text => text.includes('"hello.handler"')))
      assert.ok(texts.some(text => text.includes('GET /v1/hello/greeting')))
    },
  }
}
