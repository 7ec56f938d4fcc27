import { benchBundles } from './bundles.ts'
import { benchJson } from './json.ts'
import { benchKeys } from './keys.ts'
import { benchNoisy } from './noisy.ts'
import { benchOverhead } from './overhead.ts'
import { benchPkd } from './pkd.ts'
import { benchPki } from './pki.ts'
import { type BenchResult, describeResult } from './result.ts'
import { benchSharedCrl } from './shared-crl.ts'
import { benchStart } from './start.ts'
import { benchTrust } from './trust.ts'

/** Each with the size of a full run, or of a short one, which proves that it runs and is too small for its figures to mean anything. */
const benches: Readonly<Record<string, (short: boolean) => Promise<readonly BenchResult[]>>> = {
  overhead: short => benchOverhead(short ? 300 : 6000),
  bundles: short => benchBundles(short ? 1 : 9),
  start: short => benchStart(short ? 1 : 5),
  json: short => benchJson(short ? 150 : 3000),
  keys: async short => (await benchKeys(short ? 1 : 7)).map(({ name, ratio }) => ({ name, value: ratio, unit: '×' })),
  noisy: short => benchNoisy(short ? 8 : 160),
  pki: short => benchPki(short ? 600 : 12_000),
  'shared-crl': short => benchSharedCrl(short ? 10_000 : 1_070_000),
  pkd: short => benchPkd(short ? 300 : undefined),
  trust: short => benchTrust(short ? [500, 5000] : [10_000, 100_000]),
}

/**
 * `npm run bench [-- --short] [-- overhead|bundles|start|json|keys|noisy|pki …]`: figures of this machine, ratios where they can be had, against the budgets.
 * `--short` runs all of it in about a minute and judges no figure; it fails when a bench does not run.
 */
async function main(given: readonly string[]): Promise<number> {
  const short = given.includes('--short')
  const names = given.filter(name => name !== '--short')
  const unknown = names.filter(name => !Object.hasOwn(benches, name))
  if (unknown.length > 0) {
    console.error(
      `no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}, and the option --short`,
    )
    return 2
  }
  const wanted = Object.entries(benches).filter(([name]) => names.length === 0 || names.includes(name))
  const missed: string[] = []
  for (const [name, bench] of wanted) {
    console.log(`\n== ${name}`)
    const results = await bench(short)
    if (results.length === 0) throw new Error(`the bench ${name} has measured nothing`)
    for (const result of results) {
      console.log(describeResult(short ? { name: result.name, value: result.value, unit: result.unit } : result))
      if (!short && result.met === false) missed.push(`${name}: ${result.name}`)
    }
  }
  if (short) {
    console.log(`\n${wanted.length} benches ran; a short run judges no figure`)
    return 0
  }
  console.log(missed.length === 0 ? '\nevery target met' : `\nmissed: ${missed.join('; ')}`)
  // Times depend on the machine and on what else it does; the sizes are a gate of `npm run check`.
  return 0
}

process.exitCode = await main(process.argv.slice(2))
