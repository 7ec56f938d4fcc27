import type { Call, CommandRow } from '../command.ts'

export const pluginCommands: readonly CommandRow[] = [
  {
    path: 'plugin new',
    summary: 'write a plugin that builds, tests and runs as it is',
    arguments: [{ name: 'name', summary: 'its name: small letters, digits and "_"' }],
    options: [
      {
        name: 'dir',
        value: 'folder',
        summary: 'a folder that is not there yet; default ./plugins/<name>',
        kind: 'folder',
      },
    ],
    examples: [{ call: 'plugin new hello', says: 'in plugins/hello, where discovery finds it' }],
    async run(call) {
      const { pluginNew } = await import('../commands/plugin-new.ts')
      return pluginNew({ name: call.argument('name'), ...call.given('dir'), json: call.json })
    },
  },
  {
    path: 'plugin list',
    summary: 'list the plugins that are found, and whether they run',
    examples: [{ call: 'plugin list --json', says: 'for programs' }],
    async run(call) {
      const { pluginList } = await import('../commands/plugins-found.ts')
      return pluginList(await optionsOf(call))
    },
  },
  {
    path: 'plugin info',
    summary: 'say what a plugin is made of',
    arguments: [{ name: 'name', summary: 'a plugin of `mmf-cli plugin list`' }],
    examples: [{ call: 'plugin info marty', says: 'versions, services, operations, roles' }],
    async run(call) {
      const { pluginInfo } = await import('../commands/plugin-info.ts')
      return pluginInfo({ ...(await optionsOf(call)), name: call.argument('name') })
    },
  },
  {
    path: 'plugin graph',
    summary: 'list the plugins in the order in which they start, with what each needs',
    examples: [{ call: 'plugin graph', says: 'dependencies before what depends on them' }],
    async run(call) {
      const { pluginGraph } = await import('../commands/plugin-info.ts')
      return pluginGraph(await optionsOf(call))
    },
  },
  {
    path: 'plugin validate',
    summary: 'say of each plugin what keeps it from running; exit code 1 where something does',
    examples: [{ call: 'plugin validate', says: 'manifests, code, configuration, and what two plugins claim' }],
    async run(call) {
      const { pluginValidate } = await import('../commands/plugins-found.ts')
      return pluginValidate(await optionsOf(call))
    },
  },
  {
    path: 'plugin doctor',
    summary:
      'look at all that a start in this folder would meet, and say what to do; exit code 1 where something keeps it from running',
    examples: [
      { call: 'plugin doctor', says: 'versions, configuration, discovery, plugins, data folder, address' },
      { call: 'plugin doctor --json', says: 'for programs' },
    ],
    async run({ env, json, colours }) {
      const [{ pluginDoctor }, { authorRoot }] = await Promise.all([
        import('../commands/plugin-doctor.ts'),
        import('../../infra/plugins/roots.ts'),
      ])
      return pluginDoctor({ root: authorRoot(), env, json, colours })
    },
  },
  {
    path: 'routes',
    summary: 'list the routes of the plugins, and the operation of each',
    examples: [{ call: 'routes', says: 'by path' }],
    async run(call) {
      const { routes } = await import('../commands/plugins-found.ts')
      return routes(await optionsOf(call))
    },
  },
]

async function optionsOf({ env, json, colours }: Call) {
  const [{ pluginsHere }, { answering }, { authorRoot }] = await Promise.all([
    import('../../infra/plugins/plugins-here.ts'),
    import('../mmf-failure.ts'),
    import('../../infra/plugins/roots.ts'),
  ])
  return { found: await answering(() => pluginsHere({ root: authorRoot(), env })), json, colours }
}
