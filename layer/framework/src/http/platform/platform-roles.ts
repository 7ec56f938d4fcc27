import { defineRole, type RoleDefinition } from '../../contract/access.ts'

export const platformAdministrator = defineRole({
  name: 'platform_administrator',
  description: 'Lists events that could not be delivered, delivers them again, or gives them up.',
})

export const accessAdministrator = defineRole({
  name: 'access_administrator',
  description: 'Makes, lists, rotates and revokes API keys, within what the configuration lets them carry.',
})

/** The roles of the platform's own routes. On these, roles of plugins give nothing. */
export const platformRoles: readonly RoleDefinition[] = [platformAdministrator, accessAdministrator]
