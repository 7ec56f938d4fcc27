import { MmfError } from '../../errors/mmf-error.ts'

/** What the decorators of a method leave behind on the function that they return, for {@link serviceOf} to read. */
export interface DecoratedMethod {
  /** The method as its author wrote it. */
  // biome-ignore lint/suspicious/noExplicitAny: methods of any type.
  readonly body: (input: any, invocation: any) => Promise<any>
  /** Outermost first, as they stand above the method. */
  readonly concerns: readonly unknown[]
  /** What `serviceOperation` says. */
  readonly operation?: object
}

// A registered symbol: the layer and a plugin may hold two copies of this module.
const decorated = Symbol.for('mmf.decorated')

/** What the decorators of a method left behind, if it has any of ours. */
export function decoratedMethod(method: unknown): DecoratedMethod | undefined {
  if (typeof method !== 'function') return undefined
  return (method as { [decorated]?: DecoratedMethod })[decorated]
}

/**
 * Marks what a decorator returns for the method that it was given.
 * @throws {MmfError} `concern_invalid` for what is no method of an instance, and for the decorators before the standard
 */
export function decorating<M extends (...args: never[]) => unknown>(
  method: M,
  next: unknown,
  context: ClassMethodDecoratorContext,
  concern: unknown,
): M {
  checkDecorator(next, context)
  const inner = decoratedMethod(next) ?? { body: next as DecoratedMethod['body'], concerns: [] }
  return Object.assign(method, { [decorated]: { ...inner, concerns: [concern, ...inner.concerns] } })
}

/** Marks a method with what is said of its operation. @throws {MmfError} `concern_invalid`, as {@link decorating} */
export function describing<M>(next: M, context: ClassMethodDecoratorContext, operation: object): M {
  checkDecorator(next, context)
  const inner = decoratedMethod(next) ?? { body: next as unknown as DecoratedMethod['body'], concerns: [] }
  if (inner.operation !== undefined) {
    throw new MmfError('concern_invalid', { detail: `${String(context.name)} has serviceOperation twice` })
  }
  const outer = next as unknown as DecoratedMethod['body']
  const method = function (this: unknown, ...args: [unknown, unknown]) {
    return outer.apply(this, args)
  }
  return Object.assign(method, { [decorated]: { ...inner, operation } }) as M
}

function checkDecorator(next: unknown, context: ClassMethodDecoratorContext): void {
  if (typeof next !== 'function' || typeof context !== 'object' || context.kind !== 'method') {
    throw new MmfError('concern_invalid', {
      detail:
        'it decorates no method, or the compiler makes the decorators before the standard (experimentalDecorators); standard (TC39) decorators of methods are expected',
    })
  }
  if (context.static || context.private) {
    throw new MmfError('concern_invalid', {
      detail: `${String(context.name)} is ${context.static ? 'static' : 'private'}; an operation is a public method of an instance`,
    })
  }
}
