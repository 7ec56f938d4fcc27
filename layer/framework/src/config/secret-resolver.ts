import { readFile, stat } from 'node:fs/promises'
import { MmfError } from '../errors/mmf-error.ts'
import { parseStrictJson } from '../json/strict-json.ts'
import { configLimits } from './config-file.ts'
import type { Variables } from './overrides.ts'

/** Where `${SECRET:name}` gets its value. On AWS this is the secret store, embedded the environment or an owner-only file. */
export interface SecretResolver {
  /** For messages: `environment`, `file .marty/secrets.json` … */
  readonly description: string
  /** The value, or undefined when this resolver does not know the name. A resolver that cannot answer throws. */
  resolve(name: string, version?: string): Promise<string | undefined>
}

/** Reads the secret `pkd/api-key` from the variable `MMF_SECRET_PKD_API_KEY`. It has no versions: one that is asked for is unknown. */
export function environmentSecretResolver(variables: Variables): SecretResolver {
  return {
    description: 'environment variables MMF_SECRET_…',
    resolve: async (name, version) => {
      if (version !== undefined) return undefined
      const value = variables[`MMF_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`]
      return value === '' ? undefined : value
    },
  }
}

/**
 * Reads secrets from a JSON file of names and strings. The file must belong to the user of this process and be readable to no one
 * else (mode 0600 or 0400); it is read again at each request, so that a rotated value is seen. A file that does not exist knows no secret.
 */
export function fileSecretResolver(path: string): SecretResolver {
  return {
    description: `file ${path}`,
    resolve: async (name, version) => {
      if (version !== undefined) return undefined
      const secrets = await readOwnerOnly(path)
      return secrets !== undefined && Object.hasOwn(secrets, name) ? secrets[name] : undefined
    },
  }
}

/** Asks one resolver after the other; the first that knows the name answers. */
export function firstSecretResolver(...resolvers: readonly SecretResolver[]): SecretResolver {
  return {
    description: resolvers.map(resolver => resolver.description).join(', '),
    resolve: async (name, version) => {
      for (const resolver of resolvers) {
        const value = await resolver.resolve(name, version)
        if (value !== undefined) return value
      }
      return undefined
    },
  }
}

async function readOwnerOnly(path: string): Promise<Readonly<Record<string, string>> | undefined> {
  const refused = (reason: string, cause?: unknown) =>
    new MmfError('config_unreadable', { detail: `${path}: ${reason}`, members: { file: path }, cause })
  try {
    const { mode, uid } = await stat(path)
    if ((mode & 0o077) !== 0) throw refused('others can read this file of secrets; run: chmod 600 on it')
    if (process.getuid !== undefined && uid !== process.getuid())
      throw refused('another user owns this file of secrets')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw cause
  }
  const result = parseStrictJson(await readFile(path, 'utf8'), configLimits)
  if ('fault' in result) {
    const { kind, reason, path: name } = result.fault
    throw refused(kind === 'syntax' ? 'this file of secrets is not valid JSON' : `${name ?? 'it'}: ${reason}`)
  }
  const { value } = result
  const map = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  if (map === undefined || Object.values(map).some(secret => typeof secret !== 'string')) {
    throw refused('this file of secrets must be a JSON object of strings')
  }
  return map as Record<string, string>
}
