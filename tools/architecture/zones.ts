/** A part of the repository and what it may import. The first zone whose `match` fits a path is the path's. */
export interface Zone {
  readonly name: string
  readonly match: RegExp
  /** Zones whose files it may import by relative path, beside its own. */
  readonly files: readonly string[]
  /** Bare specifiers it may import. */
  readonly packages: RegExp
  /** Bare specifiers it may import as types only. */
  readonly types?: RegExp
  /** It may name files inside other packages. */
  readonly deep?: true
}

const nothing = /^$/
const contract = '@mmf/framework'

/**
 * The arrows of the design: pki ← framework ← plugins ← handlers ← infra. Everything not allowed here is forbidden.
 *
 * - Only the AWS adapters of the framework and the handlers name the AWS SDK, the adapters as types: the layer holds no SDK.
 * - Only `framework/src/http` imports Middy, only `infra/aws` the CDK.
 * - Packages are imported by name, never by a path into them.
 */
const zones: readonly Zone[] = [
  {
    name: 'tests',
    match: /\.test\.ts$|^test\/|\/testing\/|[.-](fixture|contract|testing|bench)s?\.ts$/,
    files: ['*'],
    packages: /./,
  },
  {
    // The one build, which the command line starts as well.
    name: 'tools/build',
    match: /^tools\/(build\/|build\.ts$)/,
    files: ['infra/plugins'],
    packages: /^(node:|esbuild$|@mmf\/framework(\/|$)|zod$)/,
  },
  {
    name: 'tools',
    match: /^tools\//,
    files: ['plugins', 'framework', 'framework http', 'pki', 'infra/plugins', 'cli', 'tools/build'],
    packages: /^(node:|esbuild$|@mmf\/|zod$|yaml$)/,
    deep: true,
  },
  { name: 'pki', match: /^layer\/pki\//, files: [], packages: /^node:(crypto|util|buffer|url)$/ },
  {
    name: 'framework http',
    match: /^layer\/framework\/src\/http\//,
    files: ['framework', 'framework aws'],
    packages: /^(node:|@middy\/core$|@aws\/lambda-invoke-store$|@mmf\/pki$|zod$|jose\/)/,
    types: /^aws-lambda$/,
  },
  {
    name: 'framework aws',
    match:
      /^layer\/framework\/src\/(aws\.ts$|[a-z]+\/(aws|kms|dynamodb|dynamo|s3|eventbridge|lambda|secrets-manager|powertools|xray|stream)[a-z-]*\.ts$|[a-z]+\/(aws|dynamodb|kms|s3|eventbridge)\/|events\/outbox\/outbox-relay(\.test)?\.ts$)/,
    files: ['framework', 'framework http'],
    packages: /^(node:|@mmf\/pki$|zod$|@noble\/|@aws-lambda-powertools\/|@aws\/lambda-invoke-store$)/,
    types: /^(@aws-sdk\/|@smithy\/|aws-lambda$)/,
  },
  {
    name: 'framework embedded',
    match: /^layer\/framework\/src\/(embedded|internal)\.ts$/,
    files: ['framework', 'framework http'],
    packages: nothing,
  },
  {
    name: 'framework',
    match: /^layer\/framework\//,
    files: ['framework aws'],
    packages: /^(node:|@mmf\/pki$|zod$|yaml$|@noble\/|cockatiel$|@aws\/lambda-invoke-store$)/,
  },
  {
    name: 'plugins',
    match: /^plugins\//,
    files: [],
    packages: new RegExp(
      `^(${contract}(/transparency)?$|@mmf/pki$|zod$|node:(crypto|util|buffer)$|@[a-z-]+/plugin(/[a-z-]+)?$)`,
    ),
  },
  {
    name: 'handlers',
    match: /^handlers\//,
    files: ['plugins'],
    packages:
      /^(node:|@mmf\/framework(\/(http|aws))?$|@mmf\/pki$|zod$|@aws-sdk\/client-|@[a-z-]+\/plugin(\/domain|\/services\/[a-z-]+)?$)/,
    types: /^@smithy\/types$/,
  },
  {
    // Which plugins there are, for everything that is made of them.
    name: 'infra/plugins',
    match: /^infra\/plugins\//,
    files: ['framework', 'framework http'],
    packages: /^(node:|@mmf\/framework(\/(embedded|internal))?$|esbuild$)/,
  },
  {
    // What the stacks are derived from and no function needs: it has no place in the layer's entries.
    name: 'infra/aws seam',
    match: /^infra\/aws\/framework\.ts$/,
    files: [],
    packages: /^@mmf\/framework(\/(embedded|internal))?$/,
  },
  {
    name: 'infra/aws',
    match: /^infra\/aws\//,
    files: ['plugins', 'infra/plugins', 'infra/aws seam'],
    packages: /^(node:|@mmf\/framework(\/(http|config|aws|internal))?$|aws-cdk-lib(\/|$)|constructs$)/,
  },
  {
    name: 'infra/local',
    match: /^infra\/local\//,
    files: ['plugins', 'infra/plugins'],
    packages: /^(node:|@mmf\/framework(\/|$)|@mmf\/pki$|zod$|jose$)/,
  },
  {
    name: 'cli',
    match: /^cli\//,
    files: ['plugins', 'infra/plugins', 'infra/local', 'infra/aws', 'tools/build'],
    packages: /^(node:|@mmf\/|zod$|commander$)/,
  },
]

export function zoneOf(path: string): Zone {
  return zones.find(zone => zone.match.test(path)) ?? { name: 'outside', match: nothing, files: [], packages: nothing }
}
