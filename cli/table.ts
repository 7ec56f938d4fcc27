import type { CommandTable } from './command.ts'
import { apiKeysCommands } from './groups/api-keys.ts'
import { auditCommands } from './groups/audit.ts'
import { certCommands } from './groups/cert.ts'
import { completionCommands } from './groups/completion.ts'
import { configCommands } from './groups/config.ts'
import { contextCommands } from './groups/context.ts'
import { dataCommands } from './groups/data.ts'
import { devCaCommands } from './groups/dev-ca.ts'
import { documentCommands } from './groups/documents.ts'
import { eventsCommands } from './groups/events.ts'
import { folderCommands } from './groups/folder.ts'
import { passportCommands } from './groups/passport.ts'
import { pkdCommands } from './groups/pkd.ts'
import { pluginCommands } from './groups/plugin.ts'
import { serverCommands } from './groups/server.ts'
import { tokenCommands } from './groups/token.ts'
import { tracesCommands } from './groups/traces.ts'
import { trustCommands } from './groups/trust.ts'

/** The table of commands: help, parsing, completion of shells and docs/cli.md derive from it. A new command is a new row. */
export const table: CommandTable = {
  groups: {
    cert: 'read and judge certificates on this machine',
    passport: 'travel documents, over HTTP',
    trust: 'trust anchors and master lists, over HTTP',
    pkd: 'the public key directory, over HTTP',
    audit: 'records of signatures and verdicts, over HTTP; for auditors',
    'audit export': 'write records as NDJSON, newest first',
    events: 'events, over HTTP; for platform administrators',
    'events dead-letters': 'events that a handler failed on for the last time',
    'api-keys': 'keys of machines, over HTTP; for access administrators',
    context: 'servers by name, and how a token for each is got',
    config: 'check, show and explain configuration',
    plugin: 'begin, list and check plugins',
    data: 'the data folder of the local platform',
  },
  commands: [
    ...documentCommands,
    ...certCommands,
    ...passportCommands,
    ...trustCommands,
    ...pkdCommands,
    ...auditCommands,
    ...eventsCommands,
    ...apiKeysCommands,
    ...serverCommands,
    ...tracesCommands,
    ...contextCommands,
    ...tokenCommands,
    ...devCaCommands,
    ...configCommands,
    ...pluginCommands,
    ...folderCommands,
    ...dataCommands,
    ...completionCommands,
  ],
}
