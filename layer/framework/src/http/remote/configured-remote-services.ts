import type { BaseConfig } from '../../config/base-schema.ts'
import type { RemoteServices } from '../../contract/remote-service.ts'

/** The services that `remote_services` names. What asks them is loaded with the first call: most deployments have none. */
export function configuredRemoteServices(settings: BaseConfig['remote_services']): RemoteServices {
  let made: Promise<Pick<RemoteServices, 'call'>> | undefined
  return {
    has: service => Object.hasOwn(settings, service),
    async call(...args) {
      made ??= import('./remote-services.ts').then(({ createRemoteServices }) => createRemoteServices(settings))
      return (await made).call(...args)
    },
  }
}
