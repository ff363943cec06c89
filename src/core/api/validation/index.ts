import type { ApiObject } from '../cluster.ts'
import type { FieldError } from '../field-error.ts'
import { kindInfo } from '../kind.ts'
import type { Endpoints } from '../kinds/endpoints.ts'
import type { EndpointSlice } from '../kinds/endpointslice.ts'
import type { Ingress, IngressClass } from '../kinds/ingress.ts'
import type { Pod } from '../kinds/pod.ts'
import type { Service } from '../kinds/service.ts'
import { validateEndpoints } from './endpoints.ts'
import { validateEndpointSlice } from './endpointslice.ts'
import { validateGatewayObject } from './gateway.ts'
import { validateIngressClass, validateIngressCreate, validateIngressUpdate } from './ingress.ts'
import { validateMetadata } from './metadata.ts'
import { dnsLabel, dnsSubdomain } from './name.ts'
import { validateNode } from './node.ts'
import { validatePod } from './pod.ts'
import { validateService } from './service.ts'
import { validateServiceStatus, validateServiceUpdate } from './service-update.ts'
import { validateWorkload } from './workload.ts'

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
    case 'Endpoints':
      return validateEndpoints(object as Endpoints, old as Endpoints | undefined)
    case 'Ingress':
      return old ? validateIngressUpdate(object as Ingress, old as Ingress) : validateIngressCreate(object as Ingress)
    case 'IngressClass':
      return validateIngressClass(object as IngressClass, old as IngressClass | undefined)
    case 'Pod':
      return validatePod(object as Pod, old as Pod | undefined)
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return validateWorkload(object as never, old as never)
    case 'Node':
      return validateNode(object as never)
    default: {
      const info = kindInfo(object.kind)
      const errors = validateMetadata(object.metadata, info?.namespaced ?? false, object.kind === 'Namespace' ? dnsLabel : dnsSubdomain)
      return [...errors, ...validateGatewayObject(object)]
    }
  }
}
