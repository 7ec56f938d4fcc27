import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDeclarations } from './declarations.ts'

const file = readDeclarations(
  'a/src/index.d.ts',
  `/** What it is for: type Hidden = never. */
import type { Part } from './part.js';
import * as z from 'zod';
export { b, type C as D } from './more/b.js';
export * from './all.js';
export * as writer from './writer.js';
export declare function overloaded(a: string): void;
export declare function overloaded(a: number): Part;
export interface Shape {
    /** In millimetres. */
    readonly width: number;
}
declare const secret: unique symbol;
type Local = 'a'
    | 'b';
export type { Local };
export {};
`,
)

test('declarations are taken whole, without comments', () => {
  assert.deepEqual(Object.fromEntries(file.declared), {
    overloaded: 'function overloaded(a: string): void;\nfunction overloaded(a: number): Part;',
    Shape: 'interface Shape {\n    readonly width: number;\n}',
    secret: 'const secret: unique symbol;',
    Local: "type Local = 'a'\n    | 'b';",
  })
})

test('names are followed to the file that declares them', () => {
  const own = 'a/src/index.d.ts'
  assert.deepEqual(Object.fromEntries(file.exported), {
    b: { module: 'a/src/more/b.d.ts', name: 'b' },
    D: { module: 'a/src/more/b.d.ts', name: 'C' },
    writer: { module: 'a/src/writer.d.ts', name: '*' },
    overloaded: { module: own, name: 'overloaded' },
    Shape: { module: own, name: 'Shape' },
    Local: { module: own, name: 'Local' },
  })
  assert.deepEqual(Object.fromEntries(file.imported), { Part: { module: 'a/src/part.d.ts', name: 'Part' } })
  assert.deepEqual(file.stars, ['a/src/all.d.ts'])
})
