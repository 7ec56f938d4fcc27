import type * as z from 'zod'
import { MmfError } from '../../errors/mmf-error.ts'
import { checkName } from '../concerns/check-option.ts'
import type { Invocation } from '../operation/concern.ts'
import { describing } from '../operation/decorated-method.ts'
import type { HttpDeclaration } from '../operation/operation.ts'

export interface ServiceOperationOptions<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** snake_case; default the name of the method: `signDocument` is `sign_document`. */
  readonly name?: string
  readonly description?: string
  readonly input: Input
  readonly output: Output
  /** Left out: in process and for other services only. */
  readonly http?: HttpDeclaration<NoInfer<z.input<Output>>>
}

/**
 * Says what a method of a service class is as an operation. A standard (TC39) method decorator; where it stands among the concerns makes no difference.
 * @throws {MmfError} `concern_invalid`
 */
export function serviceOperation<Input extends z.ZodType, Output extends z.ZodType>(
  options: ServiceOperationOptions<Input, Output>,
) {
  for (const side of ['input', 'output'] as const) {
    const schema: unknown = options?.[side]
    if (typeof schema !== 'object' || schema === null || !('_zod' in schema)) {
      throw new MmfError('concern_invalid', { detail: `serviceOperation: ${side} must be a zod schema` })
    }
  }
  if (options.name !== undefined) checkName('serviceOperation', 'name', options.name)
  return <
    // biome-ignore lint/suspicious/noExplicitAny: a method may ask for the invocation of its own scope.
    M extends (input: z.output<Input>, invocation: Invocation<any>) => Promise<z.output<Output>>,
  >(
    method: M,
    context: ClassMethodDecoratorContext,
  ): M => describing(method, context, options)
}
