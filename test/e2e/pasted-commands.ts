import { spawnSync } from 'node:child_process'
import { copyFileSync, symlinkSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { childEnvironment } from '../support/child-environment.ts'
import { root, temporaryFolder } from './start-main.ts'

/** Why commands cannot be pasted on this machine, or false. */
export function toolsMissing(): string | false {
  const missing = ['sh', 'curl', 'openssl', 'npm'].filter(tool => spawnSync(tool, ['--help']).error !== undefined)
  return missing.length === 0 ? false : `not on the PATH: ${missing.join(', ')}`
}

/** The commands that the banner prints, as they stand there. */
export function printedCommands(stdout: string): string {
  const printed = /^Try it in another shell.*$([\s\S]*?)^Ctrl-C stops it/m.exec(stdout)?.[1]
  if (printed === undefined) throw new Error(`no commands were printed: ${stdout}`)
  return printed
}

/**
 * Pastes the commands into a shell, in a folder that looks like a checkout to them. The shell shares no environment variable with the
 * server. @throws when the shell says that a command failed
 */
export function paste(commands: string): string {
  const folder = temporaryFolder()
  try {
    for (const name of ['node_modules', 'package.json', 'tools', 'cli'])
      symlinkSync(join(root, name), join(folder.path, name))
    copyFileSync(join(root, 'README.md'), join(folder.path, 'README.md'))
    // The Node of the tests first, as a machine with any Node ≥ 20 would have one.
    const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
    const env = {
      ...childEnvironment(),
      PATH: path,
      HOME: folder.path,
      npm_config_update_notifier: 'false',
      npm_config_offline: 'true',
    }
    const { status, stdout, stderr } = spawnSync('sh', ['-e'], {
      cwd: folder.path,
      env,
      input: commands,
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the shell ended with ${status}:\n${stdout}\n${stderr}`)
    return stdout
  } finally {
    folder.remove()
  }
}
