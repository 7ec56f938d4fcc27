import { MmfError } from '@mmf/framework'

/** What the command line of `npm start` says after `--`. @throws {MmfError} `config_invalid` */
export function startOptions(args: readonly string[]): { readonly watch: boolean } {
  const unknown = args.find(arg => arg !== '--watch')
  if (unknown !== undefined) {
    throw new MmfError('config_invalid', { detail: `command line: "${unknown}" is not known; allowed: --watch` })
  }
  return { watch: args.length > 0 }
}
