import type { ApiObject } from '../cluster.ts'
import type { FieldError } from '../field-error.ts'
import type { EndpointSlice } from '../kinds/endpointslice.ts'
import type { Service } from '../kinds/service.ts'
import { validateEndpointSlice } from './endpointslice.ts'
import { validateService } from './service.ts'
import { validateServiceStatus, validateServiceUpdate } from './service-update.ts'

/** Everything the API server has against an object, in its order and words; with `old`, also against the change. */
export function validateObject(object: ApiObject, old: ApiObject | undefined): FieldError[] {
  switch (object.kind) {
    case 'Service': {
      const service = object as Service
      const errors = old ? validateServiceUpdate(service, old as Service) : validateService(service)
      return [...errors, ...validateServiceStatus(service, old as Service | undefined)]
    }
    case 'EndpointSlice':
      return validateEndpointSlice(object as EndpointSlice, old as EndpointSlice | undefined)
    default:
      return []
  }
}
