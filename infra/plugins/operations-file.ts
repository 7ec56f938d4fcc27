/** The file on demand of the platform's own function with the operations of plugins, as OpenAPI shows them. The build makes it. */
export const operationsFile = 'operations'
