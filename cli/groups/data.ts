import { beginAnew } from '../commands/data.ts'
import type { CommandGroup } from './group.ts'

export const dataGroup: CommandGroup = (cli, done) => {
  const data = cli.command('data').description('the data folder of the local platform')
  data
    .command('begin-anew')
    .description('move the data folder and its secret aside, so that the next start makes new ones; nothing is deleted')
    .option('--data-dir <folder>', 'data folder of the local platform', process.env['MARTY_DATA_DIR'] ?? '.marty')
    .action(({ dataDir }) => done(beginAnew({ dataDirectory: dataDir, now: new Date() })))
}
