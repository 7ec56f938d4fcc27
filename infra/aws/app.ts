import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isMmfError } from '@mmf/framework'
import { App } from 'aws-cdk-lib'
import { plugins } from '../../plugins/index.ts'
import { DeploymentError } from './deployment-error.ts'
import { platformTables } from './framework.ts'
import { loadDeployment } from './load-deployment.ts'
import { buildStacks } from './stacks/build-stacks.ts'
import { refuseToChoose } from './stacks/refuse-to-choose.ts'

const root = resolve(import.meta.dirname, '../..')

const app = new App()
const environment = app.node.tryGetContext('env')

/** What `cdk` runs (see cdk.json). A mistake of the caller is one line, not a stack trace. */
try {
  const dist = join(root, 'dist')
  if (!existsSync(join(dist, 'meta.json'))) throw new DeploymentError('nothing is built: run `npm run build` first')
  const deployment = await loadDeployment({
    app: 'marty',
    environment,
    plugins,
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
