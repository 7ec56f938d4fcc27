export type { BaseConfig } from './base-schema.ts'
export { createPluginConfigManager } from './plugin-config-manager.ts'
export type { IssuerConfig } from './require-issuers.ts'
export { namesIssuer, requireIssuers } from './require-issuers.ts'
