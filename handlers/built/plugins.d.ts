import type { HandlerDefinition } from '@mmf/framework/http'

// All plugins that were found. The build makes this module: tools/build/service-modules.ts.

export declare const definition: Extract<HandlerDefinition, { readonly platformOf: readonly unknown[] }>
