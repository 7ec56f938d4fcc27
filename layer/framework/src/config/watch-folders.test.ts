import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { watchFolders } from './watch-folders.ts'

test('each way to save is noticed, in a folder made later too', { timeout: 30_000 }, async t => {
  const base = mkdtempSync(join(tmpdir(), 'mmf-watch-'))
  t.after(() => rmSync(base, { recursive: true }))
  const [folder, later] = [join(base, 'folder'), join(base, 'later')]
  mkdirSync(folder)
  for (const name of ['one', 'two']) {
    mkdirSync(join(base, name))
    writeFileSync(join(base, name, 'mounted.yaml'), name)
  }
  symlinkSync(join(base, 'one'), join(base, 'data'))
  symlinkSync(join(base, 'data', 'mounted.yaml'), join(folder, 'mounted.yaml'))
  let noticed = () => {}
  const watching = watchFolders([folder, later], 1, () => noticed())
  t.after(() => watching.close())
  const alive = setInterval(() => {}, 1000)
  t.after(() => clearInterval(alive))
  const after = (change: () => void) =>
    new Promise<void>(resolve => {
      noticed = resolve
      change()
    })

  const file = join(folder, 'a.yaml')
  await after(() => writeFileSync(file, 'a: 1'))
  await after(() => writeFileSync(file, 'a: 2'))
  await after(() => {
    writeFileSync(join(base, 'new'), 'a: 3')
    renameSync(join(base, 'new'), file)
  })
  await after(() => {
    symlinkSync(join(base, 'two'), join(base, 'turned'))
    renameSync(join(base, 'turned'), join(base, 'data'))
  })
  await after(() => rmSync(file))
  await after(() => {
    mkdirSync(later)
    writeFileSync(join(later, 'b.yaml'), 'b: 1')
  })
})
