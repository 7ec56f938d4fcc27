import type { CommandRow } from '../command.ts'

/** What is done with the plugins of the folder at hand: of an author's own, which has the packages installed, or of the repository. */
export const folderCommands: readonly CommandRow[] = [
  {
    path: 'start',
    summary: 'build the plugins of this folder and serve them on this machine, until Ctrl+C',
    examples: [{ call: 'start', says: 'at http://127.0.0.1:8080, with data in .marty' }],
    async run() {
      const { startHere } = await import('../commands/start.ts')
      return startHere()
    },
  },
  {
    path: 'build',
    summary: 'build the functions of the plugins of this folder, and the layer, into dist/',
    examples: [{ call: 'build', says: 'MMF_BUILD_DIR names another folder' }],
    async run() {
      const { runBuild } = await import('../../tools/build.ts')
      return { exitCode: (await runBuild()) ? 0 : 1 }
    },
  },
  {
    path: 'synth',
    summary: 'write the CloudFormation templates of what was built into cdk.out/',
    options: [
      {
        name: 'env',
        value: 'name',
        summary: 'the environment',
        required: true,
        allowed: ['development', 'testing', 'staging', 'production'],
      },
      { name: 'alarms', value: 'address', summary: 'e-mail or https address that is notified of alarms' },
      { name: 'out', value: 'folder', summary: 'default ./cdk.out', kind: 'folder' },
    ],
    examples: [{ call: 'synth --env testing', says: 'after `mmf-cli build`; for `cdk deploy --app cdk.out`' }],
    async run(call) {
      const { synthHere } = await import('../commands/synth.ts')
      const { json, env } = call
      return synthHere({ json, env, environment: call.value('env'), ...call.given('alarms', 'out') })
    },
  },
]
