import type { ApiObject } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'

/**
 * A controller's Endpoints or EndpointSlice with the `metadata.managedFields` that a real API server keeps in it and sends to every
 * watcher; every other object as it is. Nothing else here stores them, as they are of no use to Service networking but their bytes.
 */
export function withManagedFields(object: ApiObject): ApiObject {
  if (object.kind !== 'Endpoints' && object.kind !== 'EndpointSlice') return object
  const { annotations, labels, ownerReferences, generateName, creationTimestamp } = object.metadata
  const owned = {
    ...(annotations ? { 'f:annotations': fields(annotations) } : {}),
    ...(generateName === undefined ? {} : { 'f:generateName': {} }),
    ...(labels ? { 'f:labels': fields(labels) } : {}),
    ...(ownerReferences
      ? { 'f:ownerReferences': { '.': {}, ...Object.fromEntries(ownerReferences.map(({ uid }) => [`k:{"uid":"${uid}"}`, {}])) } }
      : {}),
  }
  const fieldsV1 =
    object.kind === 'Endpoints'
      ? { 'f:metadata': owned, 'f:subsets': {} }
      : { 'f:addressType': {}, 'f:endpoints': {}, 'f:metadata': owned, 'f:ports': {} }
  const entry = {
    manager: 'kube-controller-manager',
    operation: 'Update',
    apiVersion: object.apiVersion,
    time: annotations?.['endpoints.kubernetes.io/last-change-trigger-time'] ?? creationTimestamp ?? '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1',
    fieldsV1,
  }
  const metadata = { ...object.metadata, managedFields: [entry] }
  return object.kind === 'EndpointSlice'
    ? { ...(object as EndpointSlice), metadata, ...nullLists(object as EndpointSlice) }
    : { ...object, metadata }
}

/** Go writes an empty list of these two fields as null. */
function nullLists({ endpoints, ports }: EndpointSlice): object {
  return { endpoints: endpoints?.length ? endpoints : null, ports: ports?.length ? ports : null }
}

function fields(map: Readonly<Record<string, string>>): Readonly<Record<string, object>> {
  return { '.': {}, ...Object.fromEntries(Object.keys(map).map((key) => [`f:${key}`, {}])) }
}

const UID = 'a68cb148-996b-400a-bb35-433961298f88'
const MADE = '2026-01-01T00:00:00Z'
const TRIGGERED = { 'endpoints.kubernetes.io/last-change-trigger-time': MADE }

/** What the names of an ordinary cluster look like: a Pod name of 20 characters, a node name of 9, one port `http`. */
export type OrdinaryNames = {
  readonly pod: (index: number) => string
  readonly node: (index: number) => string
  readonly ip: (index: number) => string
}

export const ordinaryNames: OrdinaryNames = {
  pod: () => 'web-7c5ddbdf54-xxxxx',
  node: () => 'node-0000',
  ip: (index) => `10.244.${Math.floor(index / 250)}.${(index % 250) + 2}`,
}

/** An Endpoints object of `count` addresses with ordinary names: to measure a cluster nobody wants to type. */
export function ordinaryEndpoints(count: number, names: OrdinaryNames = ordinaryNames): Endpoints {
  const addresses = Array.from({ length: count }, (_, index) => ({
    ip: names.ip(index),
    nodeName: names.node(index),
    targetRef: podReference(names.pod(index)),
  }))
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: UID,
      resourceVersion: '123456',
      creationTimestamp: MADE,
      labels: { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' },
      annotations: TRIGGERED,
    },
    subsets: [{ ...(count > 0 ? { addresses } : {}), ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }],
  }
}

/** An EndpointSlice of `count` ready endpoints with ordinary names. */
export function ordinarySlice(count: number, zone?: string, names: OrdinaryNames = ordinaryNames): EndpointSlice {
  const endpoints = Array.from({ length: count }, (_, index) => ({
    addresses: [names.ip(index)],
    conditions: { ready: true, serving: true, terminating: false },
    targetRef: podReference(names.pod(index)),
    nodeName: names.node(index),
    ...(zone === undefined ? {} : { zone }),
  }))
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'web-abcde',
      generateName: 'web-',
      namespace: 'default',
      uid: UID,
      resourceVersion: '123456',
      generation: 1,
      creationTimestamp: MADE,
      labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': 'web' },
      annotations: TRIGGERED,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: UID, controller: true, blockOwnerDeletion: true }],
    },
    addressType: 'IPv4',
    endpoints,
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
  }
}

function podReference(name: string) {
  return { kind: 'Pod', namespace: 'default', name, uid: UID }
}
