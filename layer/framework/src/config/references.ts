import { defined } from '../defined.ts'

/** A piece of a string setting: plain text, `${NAME}`, `${NAME:-fallback}`, or `${SECRET:name}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string; readonly fallback?: readonly Piece[] }
  | { readonly kind: 'secret'; readonly reference: SecretReference }

/** `${SECRET:name}`, `${SECRET:name#key}` for one member of a JSON secret, `${SECRET:name@version}`. */
export interface SecretReference {
  readonly name: string
  readonly jsonKey?: string
  readonly version?: string
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/
const secretReference =
  /^(?<name>[A-Za-z0-9/_+=.-]+)(?:@(?<version>[A-Za-z0-9_.-]+))?(?:#(?<jsonKey>[A-Za-z0-9_.-]+))?$/

/**
 * Splits a string into its pieces. `$${` is a literal `${`; fallbacks may hold references themselves.
 * Answers the reason in `error` when a reference is not well-formed.
 */
export function parseReferences(text: string): { readonly pieces: readonly Piece[] } | { readonly error: string } {
  const reader = { text, at: 0 }
  try {
    return { pieces: readPieces(reader, false) }
  } catch (error) {
    if (error instanceof MalformedReference) return { error: error.message }
    throw error
  }
}

interface Reader {
  readonly text: string
  at: number
}

class MalformedReference extends Error {}

function readPieces(reader: Reader, nested: boolean): readonly Piece[] {
  const pieces: Piece[] = []
  let text = ''
  const flush = () => {
    if (text !== '') pieces.push({ kind: 'text', text })
    text = ''
  }
  while (reader.at < reader.text.length) {
    if (reader.text.startsWith('$${', reader.at)) {
      text += '${'
      reader.at += 3
    } else if (reader.text.startsWith('${', reader.at)) {
      flush()
      reader.at += 2
      pieces.push(readReference(reader))
    } else if (nested && reader.text[reader.at] === '}') {
      break
    } else {
      text += reader.text[reader.at]
      reader.at += 1
    }
  }
  flush()
  return pieces
}

function readReference(reader: Reader): Piece {
  const rest = reader.text.slice(reader.at)
  const head = /^(?:(?!:-)[^}])*/.exec(rest)?.[0] ?? ''
  reader.at += head.length
  const piece = head.startsWith('SECRET:') ? secret(head.slice('SECRET:'.length)) : variable(head, reader)
  if (reader.text[reader.at] !== '}') throw new MalformedReference(`"\${${head}" is not closed by "}"`)
  reader.at += 1
  return piece
}

function secret(reference: string): Piece {
  const { name, version, jsonKey } = secretReference.exec(reference)?.groups ?? {}
  if (name === undefined) {
    throw new MalformedReference(
      `"\${SECRET:${reference}}" names no secret; write \${SECRET:name}, with @version or #key after it`,
    )
  }
  return {
    kind: 'secret',
    reference: { name, ...defined({ jsonKey, version }) },
  }
}

function variable(name: string, reader: Reader): Piece {
  if (!variableName.test(name))
    throw new MalformedReference(`"\${${name}}" names no variable; a literal "\${" is written "$\${"`)
  if (!reader.text.startsWith(':-', reader.at)) return { kind: 'variable', name }
  reader.at += 2
  return { kind: 'variable', name, fallback: readPieces(reader, true) }
}
