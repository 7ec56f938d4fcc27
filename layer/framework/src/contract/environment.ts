/** The environments a configuration may have sections for. Anything else is refused. */
export const environments = ['development', 'testing', 'staging', 'production'] as const
export type Environment = (typeof environments)[number]
