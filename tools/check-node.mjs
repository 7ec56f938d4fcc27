// Plain JavaScript for any Node from 18 on: it runs before anything else and says in one line what is missing.
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const wanted = manifest.devDependencies.node
const found = process.versions.node

/** Whether version `a` is at least version `b`, both `major.minor.patch`. */
function atLeast(a, b) {
  const [x, y] = [a, b].map(version => version.split('.').map(Number))
  for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return x[i] > y[i]
  return true
}

if (!atLeast(found, wanted)) {
  console.error(
    `Node ${wanted} is needed, this is ${found}: run \`npm ci\`; if its install scripts were blocked, \`npm rebuild node --ignore-scripts=false\`.`,
  )
  process.exit(1)
}
