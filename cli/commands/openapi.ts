import type { ApiClient } from '../http/api-client.ts'
import { intoFileOr } from '../output-file.ts'
import type { CommandResult } from '../result.ts'

/** `mmf-cli openapi`: the document as the server publishes it. @throws {Failure} */
export async function openapi(client: ApiClient, output: string | undefined): Promise<CommandResult> {
  const document = await client.json<object>('GET', '/openapi.json', undefined, {
    isPublic: true,
    members: ['openapi'],
  })
  return intoFileOr(output, `${JSON.stringify(document, undefined, 2)}\n`)
}
