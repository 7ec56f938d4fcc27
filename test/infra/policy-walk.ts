import type { Template } from 'aws-cdk-lib/assertions'

export interface Statement {
  /** Logical id of the resource that carries the policy. */
  readonly carrier: string
  readonly carrierType: string
  /** Logical ids of the roles it is attached to. */
  readonly roles: readonly string[]
  readonly effect: string
  readonly actions: readonly string[]
  /** Each as text: `*`, or the logical id with what was asked of it, e.g. `ToyLettersTable….Arn/index/by_digest`. */
  readonly resources: readonly string[]
  readonly conditions: unknown
}

type Json = Record<string, unknown>

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])

/** Every statement of every policy of some templates, with references between the stacks followed. */
export function statementsOf(...templates: readonly Template[]): readonly Statement[] {
  const outputs = outputsOf(templates)
  return templates.flatMap(template =>
    Object.entries(resourcesOf(template)).flatMap(([carrier, { Type: carrierType, Properties: properties }]) => {
      const roles = listOf(properties['Roles']).map(role => textOf(role, outputs))
      return documentsOf(properties).flatMap(document =>
        listOf(document['Statement']).map(statement => {
          const { Effect, Action, Resource, NotAction, NotResource, Condition } = statement as Json
          if (NotAction !== undefined || NotResource !== undefined)
            throw new Error(`${carrier} says what it does not mean`)
          return {
            carrier,
            carrierType,
            roles,
            effect: String(Effect),
            actions: listOf(Action).map(String),
            resources: listOf(Resource).map(resource => textOf(resource, outputs)),
            conditions: Condition,
          }
        }),
      )
    }),
  )
}

export interface Resource {
  readonly Type: string
  readonly Properties: Json
  readonly DeletionPolicy?: string
}

export function resourcesOf(template: Template): Record<string, Resource> {
  const resources: Record<string, Partial<Resource> & { Type: string }> = template.toJSON()['Resources']
  return Object.fromEntries(Object.entries(resources).map(([id, r]) => [id, { Properties: {}, ...r }]))
}

/** Policies stand under different names in different resources; inline ones of roles too. */
function documentsOf(properties: Json): Json[] {
  const inline = listOf(properties['Policies']).map(policy => (policy as Json)['PolicyDocument'])
  return [properties['PolicyDocument'], properties['KeyPolicy'], ...inline].filter(
    document => document !== undefined,
  ) as Json[]
}

/** What one nested stack hands to the other, by the end of the name of the parameter that takes it. */
function outputsOf(templates: readonly Template[]): ReadonlyMap<string, unknown> {
  const outputs = templates.flatMap(template => Object.entries((template.toJSON()['Outputs'] ?? {}) as Json))
  return new Map(outputs.map(([name, output]) => [name, (output as Json)['Value']]))
}

/** A parameter that CDK made for a reference to another nested stack, and the output that it takes. */
const handed = /^referenceto\w+Outputs(\w+)$/

function textOf(value: unknown, outputs: ReadonlyMap<string, unknown>): string {
  if (typeof value === 'string') return value
  const [[intrinsic, argument] = ['', undefined]] = Object.entries(value as Json)
  switch (intrinsic) {
    case 'Ref': {
      const [, output] = handed.exec(String(argument)) ?? []
      return output === undefined
        ? String(argument)
        : textOf(outputs.get(output) ?? `unknown output ${output}`, outputs)
    }
    case 'Fn::GetAtt':
      return (argument as string[]).join('.')
    case 'Fn::Join':
      return (argument as [string, unknown[]])[1].map(part => textOf(part, outputs)).join('')
    default:
      throw new Error(`cannot read ${JSON.stringify(value)}`)
  }
}
