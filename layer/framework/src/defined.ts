/** `T` without the value `undefined`: a member that may be undefined becomes optional, as `exactOptionalPropertyTypes` understands it. */
export type Defined<T extends object> = {
  -readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K]
} & {
  -readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>
}

/**
 * A new object with the members of `members` that are not undefined, in their order. For places where an absent member and an undefined one
 * differ: stored rows, answers, objects for other libraries, objects that are spread over defaults.
 */
export function defined<const T extends object>(members: T): Defined<T> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept as Defined<T>
}
