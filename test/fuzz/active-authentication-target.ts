import { readFileSync } from 'node:fs'
import { defined } from '@mmf/framework'
import { verifyActiveAuthentication } from '../../layer/pki/src/icao/active-authentication.ts'
import { mutate } from './mutate.ts'
import type { FuzzTarget } from './targets.ts'

interface Parts {
  changed: 'dg15' | 'dg14' | 'response'
  dg15: string
  dg14?: string
  challenge: string
  response: string
}

const vectors = new URL('../../layer/pki/test/active-authentication/vectors.json', import.meta.url)

/** Active Authentication with one part changed; a changed answer must then not be valid. */
export function activeAuthenticationTarget(all: readonly Uint8Array[]): FuzzTarget {
  const { cases } = JSON.parse(readFileSync(vectors, 'utf8')) as { cases: readonly Parts[] }
  return {
    name: 'active-authentication',
    alwaysAnswers: true,
    generate(random) {
      const { dg15, dg14, challenge, response } = random.pick(cases)
      const changed = random.pick(
        dg14 === undefined ? (['dg15', 'response'] as const) : (['dg15', 'dg14', 'response'] as const),
      )
      const parts: Parts = { changed, dg15, ...defined({ dg14 }), challenge, response }
      const bytes = new Uint8Array(Buffer.from(parts[changed] ?? '', 'hex'))
      parts[changed] = Buffer.from(mutate(bytes, random.pick(all), random)).toString('hex')
      return Buffer.from(JSON.stringify({ ...parts, before: Buffer.from(bytes).toString('hex') }))
    },
    run(input) {
      const { changed, before, ...parts } = JSON.parse(Buffer.from(input).toString()) as Parts & { before: string }
      const octets = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))
      const { valid } = verifyActiveAuthentication({
        dg15: octets(parts.dg15),
        ...(parts.dg14 === undefined ? {} : { dg14: octets(parts.dg14) }),
        challenge: octets(parts.challenge),
        response: octets(parts.response),
      })
      if (valid && changed === 'response' && parts.response !== before) throw new Error('a changed answer is valid')
    },
  }
}
