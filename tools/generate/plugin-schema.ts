import * as z from 'zod'
import { pluginManifestSchema } from '../../layer/framework/src/runtime/manifest-schema.ts'

/** The JSON Schema 2020-12 of `plugin.yaml`, of the schema that discovery checks manifests with, for editors and for the package of the framework. */
export function pluginSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(pluginManifestSchema, { io: 'input' })
  const about = { title: 'plugin.yaml', description: 'The manifest of an MMF plugin' }
  return `${JSON.stringify({ $schema, ...about, ...schema }, null, 2)}\n`
}
