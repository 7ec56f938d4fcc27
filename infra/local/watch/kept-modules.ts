import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type HeldModule, heldModule } from './held-module.ts'

/** One build as it was loaded. */
export interface LoadedBuild {
  /** Loads a file; one that says what the file of its name said in the build before is that one. */
  readonly load: (file: string) => Promise<object>
  /** Modules that this build does not share with `other`. */
  notIn(other: LoadedBuild): readonly HeldModule[]
  readonly files: ReadonlyMap<string, Loaded>
}

interface Loaded {
  readonly text: string
  readonly module: object
}

/** Modules stay in memory until the process ends; only what was changed is loaded anew. */
export function loadedBuild(before?: LoadedBuild): LoadedBuild {
  const files = new Map<string, Loaded>()
  return {
    files,
    async load(file) {
      const name = basename(file)
      const here = files.get(name)
      if (here !== undefined) return here.module
      const text = await readFile(file, 'utf8')
      const known = before?.files.get(name)
      const loaded = known?.text === text ? known : { text, module: await held(file) }
      files.set(name, loaded)
      return loaded.module
    },
    notIn: other =>
      [...files].flatMap(([name, { module }]) =>
        other.files.get(name)?.module !== module && isHeld(module) ? [module] : [],
      ),
  }
}

async function held(file: string): Promise<object> {
  const module = await import(pathToFileURL(file).href)
  return 'definition' in module && 'create' in module ? heldModule(module) : module
}

const isHeld = (module: object): module is HeldModule => 'retire' in module
