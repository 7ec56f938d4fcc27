import * as z from 'zod'
import { MmfError } from '../errors/mmf-error.ts'

const names = z.record(z.string(), z.string())

/** A JSON map in an environment variable. @throws {MmfError} `config_invalid` */
export function mapIn(env: Readonly<Record<string, string | undefined>>, variable: string): Record<string, string> {
  const parsed = names.safeParse(parse(env[variable]))
  if (parsed.success) return parsed.data
  throw new MmfError('config_invalid', {
    detail: `${variable}: a JSON map of names is expected; the service stack sets it`,
  })
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    // Whatever is no JSON is no map either, and mapIn says which variable it was.
    return undefined
  }
}
