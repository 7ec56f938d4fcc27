import type * as z from 'zod'
import { type FieldError, MmfError } from '../../errors/mmf-error.ts'
import { schemaMessage } from '../../errors/schema-message.ts'

/** Findings listed at the most; a body of 10,000 wrong elements gets no answer of 10,000 lines. */
const maxFindings = 20

/** Longest list of unknown keys that is spelled out. */
const maxKeys = 10

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, maxKeys).map(key => ({
      path: [...issue.path.map(String), key.slice(0, 64)].join('.'),
      message: 'unknown field',
      code: 'unknown_field',
    }))
  }
  return [{ path, message: schemaMessage(issue), code: issue.code }]
}

/** `validation_failed` for a parse with `ownWords`, one entry per finding: the path, what is wrong and what is allowed, never the value received. */
export function schemaViolation(error: z.core.$ZodError): MmfError {
  const errors = error.issues.flatMap(fieldErrors).slice(0, maxFindings)
  const first = errors[0]
  return new MmfError('validation_failed', {
    errors,
    detail: first === undefined ? undefined : `${first.path === '' ? 'the body' : first.path}: ${first.message}`,
  })
}
