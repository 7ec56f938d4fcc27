import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type BuildFailure, type BuildOptions, build as esbuild, formatMessages, type Metafile } from 'esbuild'
import { requireBanner } from './esbuild-options.ts'

/** A build that cannot succeed, with a text for the person who caused it. */
export class BuildError extends Error {}

export async function failure(error: unknown): Promise<unknown> {
  const { errors } = error as Partial<BuildFailure>
  if (!Array.isArray(errors)) return error
  const texts = await formatMessages(errors, { kind: 'error', color: false })
  return new BuildError(texts.map(text => text.trimEnd()).join('\n'))
}

/**
 * Runs esbuild and writes its files. The `require` banner goes in only where a bundled package calls `require` at run time.
 * @throws {BuildError}
 */
export async function bundle(options: BuildOptions & { write: false; metafile: true }): Promise<Metafile> {
  try {
    const plain = await esbuild(options)
    const needsRequire = plain.outputFiles.some(file => file.text.includes('Dynamic require of'))
    const { outputFiles, metafile } = needsRequire
      ? await esbuild({ ...options, banner: { js: requireBanner } })
      : plain
    for (const { path, contents } of outputFiles) {
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, contents)
    }
    return metafile
  } catch (error) {
    throw await failure(error)
  }
}
