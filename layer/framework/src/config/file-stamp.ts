import { statSync } from 'node:fs'

/** A text that differs after a file was written, replaced or removed; links are followed, as a mounted ConfigMap is a link that is turned. */
export function fileStamp(path: string): string {
  try {
    const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true })
    return `${path} ${ino} ${size} ${mtimeNs} ${ctimeNs}`
  } catch {
    return `${path} is not there`
  }
}
