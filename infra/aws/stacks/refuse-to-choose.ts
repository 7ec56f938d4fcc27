import { Annotations, type App, Stack } from 'aws-cdk-lib'

/**
 * The app without an environment: one empty stack that says which are there. `cdk bootstrap` needs no more than where a stack would go, which the
 * credentials say; `synth` and `deploy` print the error and end.
 */
export function refuseToChoose(app: App, name: string, message: string): void {
  Annotations.of(new Stack(app, name)).addError(message)
}
