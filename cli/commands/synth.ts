import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DeploymentError } from '../../infra/aws/deployment-error.ts'
import { synthesiseHere } from '../../infra/aws/synthesise-here.ts'
import { authorRoot } from '../../infra/plugins/roots.ts'
import { failure } from '../failure.ts'
import { failureOf } from '../mmf-failure.ts'
import type { CommandResult } from '../result.ts'

export interface SynthOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly environment: string
  readonly alarms?: string
  /** Default `cdk.out` in the author's folder. */
  readonly out?: string
  readonly json: boolean
}

/** `mmf-cli synth --env NAME`. @throws {Failure} `deployment_refused`, `config_…` */
export async function synthHere({ env, environment, alarms, out, json }: SynthOptions): Promise<CommandResult> {
  const root = authorRoot()
  const target = out === undefined ? join(root, 'cdk.out') : resolve(out)
  const address = alarms === undefined ? {} : { alarmAddress: alarms }
  try {
    await synthesiseHere({ root, env, environment, out: target, ...address })
  } catch (error) {
    if (error instanceof DeploymentError) throw failure('deployment_refused', error.message, error)
    throw failureOf(error)
  }
  const templates = readdirSync(target).filter(name => name.endsWith('.template.json'))
  if (json) return { stdout: `${JSON.stringify({ environment, out: target, templates }, undefined, 2)}\n`, exitCode: 0 }
  return { stdout: `${target}\n${templates.map(name => `  ${name}\n`).join('')}`, exitCode: 0 }
}
