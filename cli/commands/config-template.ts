import type { SettingSchema } from './config-schema-facts.ts'

/** A configuration file for a plugin from the JSON Schema of its settings: every setting with its meaning; what has no default is commented out. */
export function configTemplate(name: string, schema: unknown): string {
  const { properties = {} } = schema as SettingSchema
  return `# config/plugins/${name}.yaml\n# Sections: default, and over it development, testing, staging or production.\ndefault:\n${settings(properties, 1)}`
}

function settings(properties: Readonly<Record<string, SettingSchema>>, depth: number): string {
  const indent = '  '.repeat(depth)
  return Object.entries(properties)
    .map(([key, property]) => {
      const comment = property.description === undefined ? '' : `${indent}# ${property.description}\n`
      if (property.properties !== undefined) {
        const written = settings(property.properties, depth + 1)
        // A map that needs something is there as a whole or not at all.
        const below = (property.required ?? []).length > 0 ? commentedOut(written, indent) : written
        // A map with nothing in it would be null, which is no map.
        const isEmpty = below.split('\n').every(line => line === '' || line.trimStart().startsWith('#'))
        return `${comment}${indent}${isEmpty ? '# ' : ''}${key}:\n${below}`
      }
      if (property.default !== undefined) return `${comment}${indent}${key}: ${JSON.stringify(property.default)}\n`
      return `${comment}${indent}# ${key}: ${placeholder(property)}\n`
    })
    .join('')
}

const commentedOut = (text: string, indent: string): string =>
  text.replace(/^ *(?=[^ #\n])/gm, found => `${indent}# ${found.slice(indent.length)}`)

function placeholder({ type, enum: values }: SettingSchema): string {
  return values === undefined ? `<${type ?? 'value'}>` : values.map(value => JSON.stringify(value)).join(' | ')
}
