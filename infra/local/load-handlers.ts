import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { HandlerModule } from './functions.ts'

/** The built handlers of a folder. Those that serve no requests, such as the relay of the outbox, are left out. */
export async function loadHandlers(folder: string): Promise<readonly HandlerModule[]> {
  const files = (await readdir(folder)).filter(file => file.endsWith('.mjs')).sort()
  const modules = await Promise.all(files.map(file => import(pathToFileURL(join(folder, file)).href)))
  return modules.filter((module: object): module is HandlerModule => 'definition' in module && 'create' in module)
}
