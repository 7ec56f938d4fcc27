import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { measure } from '../../tools/build/budgets.ts'
import { common } from '../../tools/build/esbuild-options.ts'
import type { BuildMeta } from '../../tools/build/meta.ts'
import { root } from '../../tools/build/paths.ts'
import { median } from './pki/measure.ts'
import { atMost, type BenchResult } from './result.ts'

/** Sizes and import times of what `npm run build` made, against a bare handler with the same SDK clients, in fresh processes and in turns. */
export async function benchBundles(rounds = 9): Promise<readonly BenchResult[]> {
  const dist = join(root, 'dist')
  const meta: BuildMeta = JSON.parse(readFileSync(join(dist, 'meta.json'), 'utf8'))
  const sizes = measure(meta).map(({ what, bytes, limit }) => atMost(limit / 1000, 'KB', what, bytes / 1000))
  const folder = mkdtempSync(join(dist, 'handlers', 'bench-'))
  try {
    const bare = join(folder, 'bare.mjs')
    await build({
      ...common,
      write: true,
      sourcemap: false,
      stdin: { contents: bareHandler, resolveDir: root, loader: 'ts' },
      outfile: bare,
    })
    const handlers = readdirSync(join(dist, 'handlers')).filter(file => file.endsWith('.mjs'))
    const files = { bare, ...Object.fromEntries(handlers.map(file => [file, join(dist, 'handlers', file)])) }
    const times = importTimes(files, folder, rounds)
    const bareTime = times['bare'] ?? Number.NaN
    return [
      ...sizes,
      { name: 'import of a bare handler with the same SDK clients', value: bareTime, unit: 'ms' },
      ...handlers.flatMap(file => {
        const time = times[file] ?? Number.NaN
        return [
          { name: `import of ${file} and the layer`, value: time, unit: 'ms' },
          atMost(1.5, '×', `import of ${file} and the layer, against the bare one`, time / bareTime),
        ]
      }),
    ]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The clients that our handlers construct, used as they use them, and nothing else. */
const bareHandler = `
import * as dynamodb from '@aws-sdk/client-dynamodb'
import * as kms from '@aws-sdk/client-kms'
const clients = [
  new dynamodb.DynamoDBClient({}), dynamodb.GetItemCommand, dynamodb.BatchGetItemCommand, dynamodb.QueryCommand, dynamodb.PutItemCommand,
  dynamodb.UpdateItemCommand, dynamodb.DeleteItemCommand, dynamodb.TransactWriteItemsCommand,
  new kms.KMSClient({}), kms.SignCommand, kms.GetPublicKeyCommand, kms.DescribeKeyCommand,
]
export const handler = async () => ({ statusCode: 200, body: String(clients.length) })
`

/** Milliseconds of `import()`, medians. */
function importTimes(files: Readonly<Record<string, string>>, folder: string, rounds: number): Record<string, number> {
  const script = join(folder, 'time.mjs')
  writeFileSync(
    script,
    'const started = performance.now()\nawait import(process.argv[2])\nprocess.stdout.write(String(performance.now() - started))\nprocess.exit()\n',
  )
  const { AWS_LAMBDA_FUNCTION_NAME: _, ...env } = process.env
  const samples: Record<string, number[]> = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, file] of Object.entries(files)) {
      const args = ['--no-warnings', script, pathToFileURL(file).href]
      const printed = execFileSync(process.execPath, args, {
        encoding: 'utf8',
        env: { ...env, AWS_REGION: 'eu-west-1' },
      })
      samples[name] = [...(samples[name] ?? []), Number(printed)]
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, values]) => [name, median(values)]))
}
