import { randomUUID } from 'node:crypto'
import { link, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/**
 * Creates a file that only its owner can read, whole or not at all: written beside, flushed to disk, then linked to its name.
 * Survives a kill or a power cut at any moment. Returns false, and changes nothing, when there is a file of this name.
 */
export async function createDurably(path: string, content: string): Promise<boolean> {
  const folder = dirname(path)
  const temporary = join(folder, `.${randomUUID()}.tmp`)
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    // link(2) fails when the name is taken, where rename(2) would replace the file.
    await link(temporary, path)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(folder)
  return true
}

/** Makes the new name itself durable. Windows has no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
