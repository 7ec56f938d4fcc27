import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { App } from 'aws-cdk-lib'
import { buildFolder } from '../plugins/build-folder.ts'
import { configFolder } from '../plugins/config-folder.ts'
import { pluginsHere } from '../plugins/plugins-here.ts'
import { told } from '../plugins/told.ts'
import { DeploymentError } from './deployment-error.ts'
import { platformTables } from './framework.ts'
import { knownEnvironment, loadDeployment } from './load-deployment.ts'
import { buildStacks } from './stacks/build-stacks.ts'

export interface Synthesis {
  /** With `env` and `alarms` in its context. */
  readonly app: App
  /** The folder with plugins, configuration and what was built. */
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Derives the stacks of one environment from what was built, and writes them.
 * @throws {DeploymentError} when nothing is built, a plugin cannot run, or the environment lacks what a deployment needs
 * @throws {MmfError} `config_…`
 */
export async function synthesise({ app, root, env }: Synthesis): Promise<void> {
  const dist = buildFolder(root, env)
  if (!existsSync(join(dist, 'meta.json')))
    throw new DeploymentError('nothing is built: run `npm run build` or `mmf-cli build` first')
  const environment = knownEnvironment(app.node.tryGetContext('env'))
  const configDir = resolve(root, configFolder(root, env))
  const { plugins, problems } = await pluginsHere({ root, env, environment, configDir })
  // A stack without one of its plugins would delete what that one has stored.
  if (problems.length > 0) {
    throw new DeploymentError(told(problems))
  }
  const deployment = await loadDeployment({
    app: 'marty',
    environment,
    plugins: plugins.map(({ definition }) => definition),
    manifests: Object.fromEntries(plugins.map(({ name, manifest }) => [name, manifest])),
    platformTables,
    configDir,
    dist,
    alarmAddress: app.node.tryGetContext('alarms'),
    variables: env,
  })
  buildStacks(app, deployment)
  app.synth()
}
