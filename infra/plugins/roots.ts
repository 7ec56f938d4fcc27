import { resolve, sep } from 'node:path'

/** The folder of the product: of its repository, or of the installed package `@mmf/cli` with the same folders below it. */
export const productRoot: string = resolve(import.meta.dirname, '../..')

/** Whether the product was installed as a package into the folder of an author. */
export const isInstalled: boolean = productRoot.split(sep).includes('node_modules')

/**
 * The folder of the author: plugins, configuration and `node_modules` are looked for there, and what is built is written there. In the repository it
 * is the repository, wherever a command is called; from an installed product it is the folder where the command is called.
 */
export const authorRoot = (): string => (isInstalled ? process.cwd() : productRoot)
