import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../tools/build/paths.ts'
import { apiAt } from './api.ts'
import { deploy, emulated, run } from './cdk.ts'
import { startIssuer } from './issuer.ts'
import { installEmulator, startEmulator } from './ministack.ts'
import { signAndVerify } from './signing.ts'
import { createSteps } from './steps.ts'

/** `npm run test:aws`: deploys to an emulator of AWS and uses what is there. Ends with `N passed, N failed, N skipped`. */
async function main(): Promise<number> {
  const steps = createSteps()
  const installed = installEmulator()
  if ('missing' in installed) {
    steps.skip(`everything: MiniStack cannot be installed (${installed.missing})`)
    return steps.finish()
  }
  const folder = join(root, '.tmp/ministack')
  mkdirSync(folder, { recursive: true })
  const issuer = await startIssuer(folder)
  const emulator = await startEmulator({ python: installed.python, trust: issuer.trust })
  const env = { ...emulated(emulator.endpoint), ...issuer.variables }
  try {
    await steps.run('cdk bootstrap', async () => {
      const { code, output } = await run(['cdk', 'bootstrap'], env)
      if (code !== 0) throw new Error(output)
    })
    await steps.run('development is deployed and signs', async () => {
      const { ApiUrl = '' } = await deploy('development', env)
      await signAndVerify(apiAt(emulator.endpoint, ApiUrl), issuer)
    })
    if (steps.failed() > 0) console.log(`the emulator's output: ${emulator.log}`)
  } finally {
    await emulator.stop()
    await issuer.close()
  }
  return steps.finish()
}

process.exitCode = await main()
