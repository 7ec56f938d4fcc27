import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment } from '../support/child-environment.ts'
import { type Page, root } from './pages.ts'

const exec = promisify(execFile)

interface RunOptions {
  /** Options of Node itself. */
  readonly flags?: readonly string[]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface Workshop {
  readonly folder: string
  /** Compiles everything in it with the repository's own settings. Answers the findings about its files, empty when there are none. */
  typeErrors(): Promise<string>
  /** Runs a file of it with this Node. @returns what it printed @throws when its exit code is not 0 */
  run(file: string, options?: RunOptions): Promise<string>
  remove(): void
}

/** A folder inside the repository that git ignores, so that examples find the packages as an author's code does. */
export function openWorkshop(pages: readonly Page[]): Workshop {
  mkdirSync(join(root, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tmp/docs-'))
  for (const page of pages) {
    for (const { file, text } of page.blocks) {
      if (file === undefined) continue
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), text)
    }
  }
  // What the examples stand beside in the repository.
  cpSync(join(root, 'config'), join(folder, 'config'), { recursive: true, force: false })
  for (const file of ['aws-platform.ts', 'service.template.ts', 'platform.ts', 'built', 'clients', 'on-demand']) {
    cpSync(join(root, 'handlers', file), join(folder, 'handlers', file), { recursive: true })
  }
  linkPackages(folder, pages)
  const compiler = { extends: '../../tsconfig.json', include: ['**/*.ts'], exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(compiler))
  const options = { cwd: folder, env: childEnvironment() }
  return {
    folder,
    async typeErrors() {
      const compile = exec(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.'], options)
      return compile.then(
        () => '',
        (error: { stdout?: string }) => ownFindings(error.stdout ?? String(error)),
      )
    },
    async run(file, { flags = [], args = [], env = {} } = {}) {
      const { stdout } = await exec(process.execPath, [...flags, file, ...args], {
        ...options,
        env: { ...options.env, ...env },
      })
      return stdout
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** Findings about files of the workshop; those about the repository's own files belong to `npm run check`. */
function ownFindings(report: string): string {
  return report
    .split(/^(?=\S)/m)
    .filter(finding => !finding.startsWith('../'))
    .join('')
}

/** Workspaces, as `npm install` links them. */
function linkPackages(folder: string, pages: readonly Page[]): void {
  const manifests = pages.flatMap(({ blocks }) => blocks).filter(({ file }) => file?.endsWith('/package.json') === true)
  for (const { file = '', text } of manifests) {
    const { name } = JSON.parse(text) as { name: string }
    const link = join(folder, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(folder, dirname(file)), link)
  }
}
