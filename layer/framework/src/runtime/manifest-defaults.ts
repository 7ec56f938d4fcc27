/** What a plugin may be called. */
export const pluginNamePattern = /^[a-z][a-z0-9_]*$/

/** What a manifest need not say. */
export const manifestDefaults = {
  keywords: [] as string[],
  mmf_version: '*',
  node_version: '*',
  dependencies: {},
  optional_dependencies: {},
  enabled: true,
  priority: 100,
}
