export interface Violation {
  readonly file: string
  readonly line?: number
  readonly rule: string
  readonly text: string
}

export function describeViolation({ file, line, rule, text }: Violation): string {
  return `${file}${line === undefined ? '' : `:${line}`}: ${text} (${rule})`
}
