import { benchBundles } from './bundles.ts'
import { benchKeys } from './keys.ts'
import { benchOverhead } from './overhead.ts'
import { benchPkd } from './pkd.ts'
import { benchPki } from './pki.ts'
import { type BenchResult, describeResult } from './result.ts'
import { benchSharedCrl } from './shared-crl.ts'
import { benchStart } from './start.ts'
import { benchTrust } from './trust.ts'

const benches: Readonly<Record<string, () => Promise<readonly BenchResult[]>>> = {
  overhead: () => benchOverhead(),
  bundles: () => benchBundles(),
  start: () => benchStart(),
  keys: async () => (await benchKeys()).map(({ name, ratio }) => ({ name, value: ratio, unit: '×' })),
  pki: benchPki,
  'shared-crl': benchSharedCrl,
  pkd: benchPkd,
  trust: benchTrust,
}

/** `npm run bench [-- overhead|bundles|start|keys|pki …]`: figures of this machine, ratios where they can be had, against the budgets. */
async function main(names: readonly string[]): Promise<number> {
  const unknown = names.filter(name => !Object.hasOwn(benches, name))
  if (unknown.length > 0) {
    console.error(`no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)
    return 2
  }
  const wanted = Object.entries(benches).filter(([name]) => names.length === 0 || names.includes(name))
  const missed: string[] = []
  for (const [name, bench] of wanted) {
    console.log(`\n== ${name}`)
    for (const result of await bench()) {
      console.log(describeResult(result))
      if (result.met === false) missed.push(`${name}: ${result.name}`)
    }
  }
  console.log(missed.length === 0 ? '\nevery target met' : `\nmissed: ${missed.join('; ')}`)
  // Times depend on the machine and on what else it does; the sizes are a gate of `npm run check`.
  return 0
}

process.exitCode = await main(process.argv.slice(2))
