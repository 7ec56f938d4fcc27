import { parseStrictJson } from '../../layer/framework/src/json/strict-json.ts'
import { measure } from './pki/measure.ts'
import { atMost, type BenchResult } from './result.ts'

const limits = { depth: 32, members: 5000, elements: 20_000 }

const bodies = {
  'the body of a signature': {
    text: JSON.stringify({ digest: 'A'.repeat(44), signingAlgorithm: 'RSA-SHA256' }),
    calls: 20_000,
  },
  'a document of 4.6 MB': { text: JSON.stringify({ document: 'A'.repeat(4_600_000) }), calls: 2 },
  'a batch of 1,000 certificates': {
    text: JSON.stringify({ certificates: Array.from({ length: 1000 }, () => 'A'.repeat(1500)) }),
    calls: 8,
  },
} as const

/** What it costs that a member that is there twice is refused: the strict reader against `JSON.parse` alone, and what stops at a bound. */
export async function benchJson(milliseconds = 3000): Promise<readonly BenchResult[]> {
  const members = JSON.stringify(Object.fromEntries(Array.from({ length: 250_000 }, (_, n) => [`k${n}`, 0])))
  const rates = await measure(
    [
      ...Object.entries(bodies).flatMap(([name, { text, calls }]) => [
        { name: `${name}: plain`, run: () => JSON.parse(text), calls },
        { name: `${name}: strict`, run: () => parseStrictJson(text, limits), calls },
      ]),
      { name: 'members: strict', run: () => parseStrictJson(members, limits), calls: 4 },
    ],
    milliseconds,
  )
  const microseconds = (name: string) => 1e6 / (rates.find(rate => rate.name === name)?.perSecond ?? Number.NaN)
  return [
    ...Object.keys(bodies).flatMap(name => {
      const [plain, strict] = [microseconds(`${name}: plain`), microseconds(`${name}: strict`)]
      return [
        { name: `${name}, read strictly`, value: strict, unit: 'µs' },
        atMost(3, '×', `${name}, strictly against JSON.parse`, strict / plain),
      ]
    }),
    { name: '250,000 members, refused', value: microseconds('members: strict'), unit: 'µs' },
  ]
}
