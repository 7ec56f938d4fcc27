import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isMmfError } from '@mmf/framework'
import { App } from 'aws-cdk-lib'
import { buildFolder } from '../plugins/build-folder.ts'
import { pluginsHere } from '../plugins/plugins-here.ts'
import { DeploymentError } from './deployment-error.ts'
import { platformTables } from './framework.ts'
import { knownEnvironment, loadDeployment } from './load-deployment.ts'
import { buildStacks } from './stacks/build-stacks.ts'
import { refuseToChoose } from './stacks/refuse-to-choose.ts'

const root = resolve(import.meta.dirname, '../..')

const app = new App()
const environment = app.node.tryGetContext('env')

/** What `cdk` runs (see cdk.json). A mistake of the caller is one line, not a stack trace. */
try {
  const dist = buildFolder(root, process.env)
  if (!existsSync(join(dist, 'meta.json'))) throw new DeploymentError('nothing is built: run `npm run build` first')
  const known = knownEnvironment(environment)
  const { plugins, problems } = await pluginsHere({ root, env: process.env, environment: known })
  // A stack without one of its plugins would delete what that one has stored.
  if (problems.length > 0) {
    throw new DeploymentError(problems.map(({ name, error }) => `plugin ${name}: ${error.message}`).join('\n'))
  }
  const deployment = await loadDeployment({
    app: 'marty',
    environment: known,
    plugins: plugins.map(({ definition }) => definition),
    manifests: Object.fromEntries(plugins.map(({ name, manifest }) => [name, manifest])),
    platformTables,
    configDir: join(root, 'config'),
    dist,
    alarmAddress: app.node.tryGetContext('alarms'),
    variables: process.env,
  })
  buildStacks(app, deployment)
  app.synth()
} catch (error) {
  if (!(error instanceof DeploymentError || isMmfError(error))) throw error
  if (environment === undefined) refuseToChoose(app, 'marty', error.message)
  else {
    console.error(error.message)
    process.exitCode = 1
  }
}
