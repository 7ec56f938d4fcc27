/** The names of the fields that an options object may have. */
export type OptionFields = ReadonlySet<string>

/** The fields of a type, each once: the compiler refuses one that is missing here, and one that the type does not have. */
export function optionFields<T>(names: Readonly<Record<keyof T, 1>>): OptionFields {
  return new Set(Object.keys(names))
}
