import { InvalidArgumentError } from 'commander'
import { token } from '../commands/token.ts'
import type { CommandGroup } from './group.ts'

const list = (value: string) =>
  value
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')

function wholeSeconds(value: string): number {
  if (!/^\d{1,6}$/.test(value)) throw new InvalidArgumentError('a whole number of seconds is expected')
  return Number(value)
}

export const tokenGroup: CommandGroup = (cli, done) => {
  cli
    .command('token')
    .description('print a token of the local issuer (development only)')
    .option('--subject <name>', 'the `sub` of the token', 'developer')
    .option('--roles <names>', 'comma-separated roles', list, [])
    .option('--permissions <names>', 'comma-separated permissions', list, [])
    .option('--ttl <seconds>', 'life time, 1 to 86400', wholeSeconds, 3600)
    .option('--data-dir <folder>', 'data folder of the local platform', process.env['MARTY_DATA_DIR'] ?? '.marty')
    .action(({ subject, roles, permissions, ttl, dataDir }) =>
      done(token({ subject, roles, permissions, ttlSeconds: ttl, dataDirectory: dataDir })),
    )
}
