/** What a checkpoint says (C2SP tlog-checkpoint, "Note text"). */
export interface Checkpoint {
  /** Names the log. */
  readonly origin: string
  /** Number of leaves. */
  readonly size: number
  /** RFC 9162 §2.1.1 */
  readonly root: Uint8Array
}

/** Without extension lines, which no monitor can audit. */
export const writeCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`

/** The text of a note as a checkpoint; undefined for anything else. Extension lines are passed over. */
export function readCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', encoded = '', ...extensions] = text.split('\n')
  const root = Buffer.from(encoded, 'base64')
  const isWhole = extensions.at(-1) === '' && extensions.slice(0, -1).every(line => line !== '')
  const isNumber = /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size))
  if (origin === '' || !isWhole || !isNumber || root.length !== 32 || root.toString('base64') !== encoded) {
    return undefined
  }
  return { origin, size: Number(size), root: Uint8Array.from(root) }
}
