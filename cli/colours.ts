import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

export interface Colours {
  paint(style: Style, text: string): string
}

/** For text that goes to no terminal. */
export const plain: Colours = { paint: (_style, text) => text }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Whether a stream takes colours: NO_COLOR refuses them and FORCE_COLOR wants them, in this order; else only a terminal has them.
 * FORCE_COLOR=0 and =false refuse, too.
 */
export function hasColours(stream: { readonly isTTY?: boolean }, env: Environment): boolean {
  const { NO_COLOR: no = '', FORCE_COLOR: force } = env
  if (no !== '') return false
  if (force !== undefined) return force !== '0' && force !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}

export function coloursFor(stream: { readonly isTTY?: boolean }, env: Environment): Colours {
  if (!hasColours(stream, env)) return plain
  return { paint: (style, text) => styleText(style, text, { validateStream: false }) }
}
