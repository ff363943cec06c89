import type { Mutable } from '../../base/copy.ts'
import type { ApiObject } from '../cluster.ts'
import type { Endpoints } from '../kinds/endpoints.ts'
import type { EndpointSlice } from '../kinds/endpointslice.ts'
import { defaultPod } from './pod.ts'
import { defaultService } from './service.ts'
import { defaultWorkload } from './workload.ts'

/** The API server's versioned defaults of any kind, set in place. */
export function setDefaults(object: Mutable<ApiObject>): void {
  switch (object.kind) {
    case 'Service':
      return defaultService(object as never)
    case 'Pod':
      return defaultPod(object as never)
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
      return defaultWorkload(object as never)
    case 'EndpointSlice':
      return defaultEndpointSlice(object as Mutable<EndpointSlice>)
    case 'Endpoints':
      for (const subset of (object as Mutable<Endpoints>).subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= 'TCP'
      return
    case 'IngressClass': {
      const parameters = (object as { spec?: { parameters?: { scope?: string } } }).spec?.parameters
      if (parameters) parameters.scope ??= 'Cluster'
      return
    }
    case 'Secret':
      ;(object as { type?: string }).type ??= 'Opaque'
      return
    case 'NetworkPolicy': {
      const spec = (object as { spec?: { egress?: unknown[]; policyTypes?: string[] } }).spec
      if (spec) spec.policyTypes ??= ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])]
      return
    }
  }
}

function defaultEndpointSlice(slice: Mutable<EndpointSlice>): void {
  for (const port of slice.ports ?? []) {
    port.name ??= ''
    port.protocol ??= 'TCP'
  }
  // Both lists are written even where there is nothing in them.
  slice.ports ??= null as never
  slice.endpoints ??= null as never
  for (const endpoint of slice.endpoints ?? []) {
    endpoint.conditions ??= {}
    endpoint.addresses ??= null as never
  }
}
