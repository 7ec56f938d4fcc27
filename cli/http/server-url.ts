import { failure } from '../failure.ts'

/** The address of a server, without a slash at its end. @throws {Failure} `url_invalid`, naming where it was given */
export function checkedUrl(text: string, where: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const reason =
    url === undefined || !/^https?:$/.test(url.protocol)
      ? 'an address is http(s)://host, with a port and a base path if there are any'
      : url.username !== '' || url.password !== ''
        ? 'a name or password in it would be kept and shown; tokens come from MARTY_TOKEN or a token command'
        : url.search !== '' || url.hash !== ''
          ? 'what follows ? or # belongs to no server'
          : undefined
  if (reason === undefined) return text.replace(/\/+$/, '')
  // A password in it is not repeated.
  throw failure('url_invalid', `${where}: ${JSON.stringify(text.replace(/\/\/[^/]*@/, '//[redacted]@'))}: ${reason}`)
}
