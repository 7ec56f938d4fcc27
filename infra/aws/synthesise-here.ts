import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { productRoot } from '../plugins/roots.ts'
import { synthesise } from './synthesise.ts'

export interface SynthesisHere {
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** development, testing, staging or production. */
  readonly environment: string
  readonly alarmAddress?: string
  /** Where the templates and assets go. */
  readonly out: string
}

/** Synthesis without `cdk`, with the context that `cdk` takes from the product's cdk.json. @throws as `synthesise` */
export async function synthesiseHere({ root, env, environment, alarmAddress, out }: SynthesisHere): Promise<void> {
  const { context } = JSON.parse(readFileSync(join(productRoot, 'cdk.json'), 'utf8')) as { context: object }
  const alarms = alarmAddress === undefined ? {} : { alarms: alarmAddress }
  const app = new App({ context: { ...context, env: environment, ...alarms }, outdir: out, analyticsReporting: false })
  await synthesise({ app, root, env })
}
