import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

/** For tests: a configuration folder with these files, removed after the test. */
export function testConfigFolder(test: TestContext, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'mmf-config-'))
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  mkdirSync(join(folder, 'plugins'))
  for (const [name, text] of Object.entries(files)) write(name, text)
  test.after(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, write }
}
