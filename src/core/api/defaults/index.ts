import type { Mutable } from '../../base/copy.ts'
import type { ApiObject } from '../cluster.ts'
import type { Endpoints } from '../kinds/endpoints.ts'
import type { EndpointSlice } from '../kinds/endpointslice.ts'
import { defaultPod } from './pod.ts'
import { defaultService } from './service.ts'
import { defaultWorkload } from './workload.ts'

/** The API server's versioned defaults of any kind, set in place. */
export function setDefaults(object: Mutable<ApiObject>): void {
  const set = SETTERS[object.kind]
  if (set) set(object as never)
}

const SETTERS: Readonly<Record<string, (object: never) => void>> = {
  Service: defaultService,
  Pod: defaultPod,
  Deployment: defaultWorkload,
  ReplicaSet: defaultWorkload,
  StatefulSet: defaultWorkload,
  DaemonSet: defaultWorkload,
  EndpointSlice: defaultEndpointSlice,
  Endpoints: (endpoints: Mutable<Endpoints>) => {
    for (const subset of endpoints.subsets ?? []) for (const port of subset.ports ?? []) port.protocol ??= 'TCP'
  },
  IngressClass: ({ spec }: { spec?: { parameters?: { scope?: string } } }) => {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster'
  },
  Secret: (secret: { type?: string }) => {
    secret.type ??= 'Opaque'
  },
  NetworkPolicy: ({ spec }: { spec?: { egress?: unknown[]; policyTypes?: string[] } }) => {
    if (spec) spec.policyTypes ??= ['Ingress', ...(spec.egress?.length ? ['Egress'] : [])]
  },
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
  }
}
