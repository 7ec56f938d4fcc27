import { isMmfError } from '@mmf/framework'
import { App } from 'aws-cdk-lib'
import { authorRoot } from '../plugins/roots.ts'
import { DeploymentError } from './deployment-error.ts'
import { refuseToChoose } from './stacks/refuse-to-choose.ts'
import { synthesise } from './synthesise.ts'

const app = new App()

/** What `cdk` runs (see cdk.json). A mistake of the caller is one line, not a stack trace. */
try {
  await synthesise({ app, root: authorRoot(), env: process.env })
} catch (error) {
  if (!(error instanceof DeploymentError || isMmfError(error))) throw error
  if (app.node.tryGetContext('env') === undefined) refuseToChoose(app, 'marty', error.message)
  else {
    console.error(error.message)
    process.exitCode = 1
  }
}
