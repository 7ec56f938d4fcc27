import { globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isMmfError } from '@mmf/framework'
import { parseYaml } from '@mmf/framework/internal'
import { BuildError } from './bundle.ts'

/**
 * Compiles the configuration files to JSON, which the configuration manager reads where there is no YAML: functions need no YAML parser, and
 * a malformed file stops the build instead of a start.
 * @param without plugins that cannot run: their files stop nothing
 * @throws {BuildError} with file, line and key
 */
export async function compileConfig(from: string, to: string, without: readonly string[] = []): Promise<void> {
  const left = without.map(name => join('plugins', `${name}.yaml`))
  for (const file of globSync('**/*.yaml', { cwd: from }).sort()) {
    if (left.includes(file)) continue
    const target = join(to, file.replace(/\.yaml$/, '.json'))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, `${JSON.stringify(await read(join(from, file)))}\n`)
  }
}

async function read(path: string): Promise<unknown> {
  try {
    return parseYaml(path, await readFile(path, 'utf8')).value
  } catch (error) {
    if (isMmfError(error, 'config_malformed')) throw new BuildError(error.message)
    throw error
  }
}
