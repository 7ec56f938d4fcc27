import { readFileSync } from 'node:fs'

/** The context of cdk.json: CDK's feature flags. The CLI passes it to the app; tests synthesise with the same. */
export function cdkContext(cdkJson: string): Record<string, unknown> {
  return JSON.parse(readFileSync(cdkJson, 'utf8')).context
}
