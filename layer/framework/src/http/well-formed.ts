import { MmfError } from '../errors/mmf-error.ts'

interface Place {
  readonly value: unknown
  readonly path: string
}

/**
 * Refuses text that no UTF-8 can hold: a lone surrogate, which JSON can write as an escape (RFC 8259 §8.2). No store keeps it and no hash is
 * defined on it, so it stops here, in names and values alike. Walked without recursion.
 * @throws {MmfError} `validation_failed` with the path
 */
export function checkWellFormed(input: unknown): void {
  const pending: Place[] = [{ value: input, path: '' }]
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const { value, path } = place
    if (typeof value === 'string' && !value.isWellFormed()) throw illFormed(path)
    if (typeof value !== 'object' || value === null) continue
    for (const [name, child] of Object.entries(value)) {
      const at = path === '' ? name : `${path}.${name}`
      if (!name.isWellFormed()) throw illFormed(at)
      // Numbers and the like hold no text.
      if (typeof child === 'string' || typeof child === 'object') pending.push({ value: child, path: at })
    }
  }
}

function illFormed(at: string): MmfError {
  const path = at.slice(0, 64).toWellFormed()
  const message = 'the text has half of a surrogate pair, which is no character'
  return new MmfError('validation_failed', {
    detail: `${path}: ${message}`,
    errors: [{ path, message, code: 'text_ill_formed' }],
  })
}
