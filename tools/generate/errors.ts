import { type CatalogueEntry, catalogue } from '@mmf/framework'

/** The error catalogue as a page: every code that the platform can answer with. */
export function errorsPage(): string {
  const rows = Object.entries(catalogue as Readonly<Record<string, CatalogueEntry>>)
    .sort(([a, x], [b, y]) => x.status - y.status || (a < b ? -1 : 1))
    .map(
      ([code, { status, title, retryable, expose }]) =>
        `| \`${code}\` | ${status} | ${title} | ${yes(retryable)} | ${yes(expose)} |`,
    )
  return `# Errors

Every error is a problem document (RFC 9457) with one of these codes. A code is stable: its status and title do not change, the detail may.
"Again" says whether the same request may succeed later without being changed; "detail" whether the answer says more than the title. What it
does not say is in the log, under the \`errorId\` of the answer.

| code | status | title | again | detail |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`
}

const yes = (value: boolean): string => (value ? 'yes' : 'no')
