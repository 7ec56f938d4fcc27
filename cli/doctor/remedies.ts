import type { ErrorCode } from '@mmf/framework'

/** What an author does about a code. */
export const remedies: Readonly<Partial<Record<ErrorCode, string>>> = {
  manifest_invalid: 'change the field there; an editor that knows the schema of plugin.yaml shows what it takes',
  config_unreadable: 'name a folder or file that is there and may be read',
  config_malformed: 'mend the YAML at that place',
  config_invalid: 'change the setting there; `mmf-cli config explain <setting>` says what it takes',
  environment_unknown: 'set MMF_ENVIRONMENT to one of development, testing, staging, production',
  plugin_not_found: 'mend the name in plugins.enabled, or put the plugin where it is looked for',
  plugin_failed: 'mend the code at that place; nothing of the plugin runs until it can be imported and built',
  plugin_incompatible: 'take versions that fit to each other, or change the range in the manifest once it was tried',
  plugin_dependency_missing: 'add that plugin, mend it where it is refused, or take it out of the dependencies',
  plugin_dependency_cycle: 'take one of them out of the dependencies of another',
  plugin_conflict: 'choose another name or route, or depend on the other plugin and import what it exports',
  declaration_invalid: 'change the declaration there; the type checker would say the same',
  operation_unprotected: 'add requiresAuth(), or publicAccess() where everybody may call',
  operation_duplicate: 'give one of the two another name or route',
  service_duplicate: 'give one of the two another name',
  concern_invalid: 'change the concern there; docs/plugin-api.md has the range of each option',
  role_undeclared: 'list the role in `roles` of definePlugin, and give requiresAuth what defineRole gave',
  role_duplicate: 'give one of the two another name',
  permission_undeclared: 'list the permission in `permissions` of definePlugin',
  permission_duplicate: 'give one of the two another name',
  data_folder_incomplete: 'restore the folder, or set it aside with `mmf-cli data begin-anew`',
  data_folder_unusable: 'give the folder to this user, or name another one with MARTY_DATA_DIR',
}
