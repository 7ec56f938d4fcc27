import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import type { BaseConfig } from '@mmf/framework/embedded'
import { lookAtDataFolder } from '../../infra/local/data-folder/look-at-data-folder.ts'
import { explainStartFailure } from '../../infra/local/explain-start-failure.ts'
import { tokenAuthority } from '../../infra/local/issuer/token-authority.ts'
import { type Finding, ok, refused } from './finding.ts'

/** What a start needs of this machine: whose tokens count, a data folder, an address. */
export async function checkHost(base: BaseConfig, environment: string): Promise<readonly Finding[]> {
  const folder = checkDataFolder(resolve(base.embedded.data_dir))
  const runs = folder.level === 'warning'
  return [checkTokens(base, environment), folder, await checkAddress(base.server, runs)]
}

function checkTokens(base: BaseConfig, environment: string): Finding {
  try {
    const authority = tokenAuthority(base, environment as Parameters<typeof tokenAuthority>[1])
    const whose =
      authority === 'embedded' ? 'the issuer on this machine' : authority.map(({ issuer }) => issuer).join(', ')
    return ok('tokens', `those of ${whose} count`)
  } catch (error) {
    return refused('tokens', error)
  }
}

function checkDataFolder(directory: string): Finding {
  try {
    const found = lookAtDataFolder(directory)
    if (found.state === 'absent') return ok('data folder', `${directory} is made by the first start`)
    if (found.state === 'usable') return ok('data folder', `${directory} can be used`)
    return {
      level: 'warning',
      about: 'data folder',
      message: `${directory} is used by process ${found.holder}, which serves from it`,
      remedy: 'stop that one before another start, or set MARTY_DATA_DIR to another folder',
    }
  } catch (error) {
    return refused('data folder', error)
  }
}

async function checkAddress({ host, port }: BaseConfig['server'], runs: boolean): Promise<Finding> {
  const server = createServer()
  try {
    const listening = once(server, 'listening')
    server.listen(port, host)
    await listening
    return ok('address', `${host}:${port} is free`)
  } catch (error) {
    const message = explainStartFailure(error)
    // The platform that runs from the data folder has most likely taken it.
    return {
      level: runs ? 'warning' : 'error',
      about: 'address',
      message,
      remedy: 'set PORT and HOST, or server.port and server.host',
    }
  } finally {
    server.close()
  }
}
