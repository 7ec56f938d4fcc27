import { MmfError } from '../../errors/mmf-error.ts'

/** What an operation cannot be made without; the rest is looked at when its plugin is found. */
const needed = {
  name: [(value: unknown) => typeof value === 'string', 'a text'],
  concerns: [
    (value: unknown) => Array.isArray(value) && value.every(concern => typeof concern === 'function'),
    'a list of concerns, such as [requiresAuth({ roles: [clerk] })]',
  ],
  run: [(value: unknown) => typeof value === 'function', 'a function'],
} as const

/** @throws {MmfError} `declaration_invalid`, naming the operation and the member */
export function checkOperation(service: string, definition: object): void {
  for (const [member, [fits, allowed]] of Object.entries(needed)) {
    const value = (definition as Readonly<Record<string, unknown>>)[member]
    if (fits(value)) continue
    const { name } = definition as { readonly name?: unknown }
    throw new MmfError('declaration_invalid', {
      detail: `${service}.${typeof name === 'string' ? name : 'an operation'}: ${member} must be ${allowed}`,
    })
  }
}
