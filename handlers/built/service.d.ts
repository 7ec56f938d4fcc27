import type { HandlerDefinition } from '@mmf/framework/http'
import type { Clients } from '../aws-platform.ts'

// One service of a plugin. The build makes this module once for each service: tools/build/service-modules.ts.

export declare const definition: Extract<HandlerDefinition, { readonly plugin: unknown }>
/** The SDK clients that the service's scope needs and no others, since each makes the bundle larger. */
export declare const clients: () => Clients
