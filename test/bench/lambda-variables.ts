import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { App } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { platformTables } from '../../infra/aws/framework.ts'
import { loadDeployment } from '../../infra/aws/load-deployment.ts'
import { buildStacks } from '../../infra/aws/stacks/build-stacks.ts'
import { root } from '../../tools/build/paths.ts'
import { cdkContext } from '../infra/cdk-context.ts'
import { plugins } from '../support/plugins.ts'

/** An issuer, which every deployment has to name. */
const issuer = {
  MMF__authentication__issuer: 'https://issuer.example',
  MMF__authentication__audience: 'marty',
  MMF__authentication__jwks_uri: 'https://issuer.example/jwks',
  // No domain is needed for what is timed.
  MMF__plugins__marty__require_mutual_tls: 'false',
}

type Variables = Readonly<Record<string, string>>

/**
 * The environment variables that the service stack gives each function, by its file in `dist/handlers`, e.g. `platform.mjs`. They are read
 * from the synthesised stack, so that a function is timed with what it is deployed with; a name that AWS would choose is the logical id.
 */
export async function lambdaVariables(): Promise<ReadonlyMap<string, Variables>> {
  const deployment = await loadDeployment({
    app: 'bench',
    environment: 'testing',
    plugins,
    platformTables,
    configDir: join(root, 'config'),
    dist: join(root, 'dist'),
    variables: issuer,
  })
  const outdir = mkdtempSync(join(tmpdir(), 'mmf-bench-stacks-'))
  try {
    const app = new App({ outdir, context: cdkContext(join(root, 'cdk.json')), analyticsReporting: false })
    const { service } = buildStacks(app, deployment)
    const functions = Object.values(Template.fromStack(service).findResources('AWS::Lambda::Function'))
    return new Map(functions.map(({ Properties }) => [fileOf(Properties.Handler), variablesOf(Properties)]))
  } finally {
    rmSync(outdir, { recursive: true })
  }
}

const fileOf = (handler: string): string => handler.replace(/\.handler$/, '.mjs')

function variablesOf(properties: { readonly Environment?: { readonly Variables?: object } }): Variables {
  const given = Object.entries(properties.Environment?.Variables ?? {}).map(([name, value]) => [name, textOf(value)])
  return Object.fromEntries(given)
}

/** A value of a template as text. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const [[name = '', argument] = []] = Object.entries(value)
  if (name === 'Ref') return String(argument)
  if (name === 'Fn::GetAtt') return (argument as readonly string[]).join('.')
  if (name === 'Fn::Join') {
    const [separator = '', parts = []] = argument as [string?, unknown[]?]
    return parts.map(textOf).join(separator)
  }
  throw new Error(`the bench cannot read ${name} of a template`)
}
