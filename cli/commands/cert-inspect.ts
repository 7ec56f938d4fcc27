import type { CommandResult } from '../result.ts'
import type { ExtensionReport } from './cert-extensions.ts'
import { readPkiFile } from './cert-file.ts'
import { reportOf } from './cert-report.ts'
import { plainText } from './cert-text.ts'
import type { Plain } from './cert-values.ts'

export interface CertInspectOptions {
  readonly file: string
  readonly json?: boolean
  /** Milliseconds since 1970; default now. */
  readonly now?: number
}

/** `mmf-cli cert inspect FILE`: what a file holds and what each field means. Nothing is validated. @throws {Failure} `file_…` */
export function certInspect({ file, json = false, now = Date.now() }: CertInspectOptions): CommandResult {
  const reports = readPkiFile(file).map(item => reportOf(item, now))
  if (json) return { stdout: `${JSON.stringify(reports, undefined, 2)}\n`, exitCode: 0 }
  const texts = reports.map((report, index) => {
    const title = reports.length === 1 ? '' : `--- ${index + 1} of ${reports.length}\n`
    return `${title}${plainText(forReading(report)).join('\n')}\n`
  })
  return { stdout: texts.join('\n'), exitCode: 0 }
}

/** Extensions become lines that say what they are for; the rest stays as it is. */
function forReading(value: Plain): Plain {
  if (Array.isArray(value)) return value.map(element => forReading(element as Plain))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === 'extensions' ? extensionLines(member as unknown as readonly ExtensionReport[]) : forReading(member),
    ]),
  )
}

function extensionLines(extensions: readonly ExtensionReport[]): Plain {
  return Object.fromEntries(
    extensions.map(({ name, oid, critical, meaning, value }) => {
      const label = `${name === oid ? oid : `${name} (${oid})`}${critical ? ', critical' : ''}`
      return [label, { 'what for': meaning, ...(value === null ? {} : { value }) }]
    }),
  )
}
