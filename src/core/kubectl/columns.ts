import type { ApiObject } from '../api/cluster.ts'
import type { Endpoints } from '../api/kinds/endpoints.ts'
import type { EndpointSlice } from '../api/kinds/endpointslice.ts'
import type { Ingress, IngressClass } from '../api/kinds/ingress.ts'
import type { Node } from '../api/kinds/node.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Service } from '../api/kinds/service.ts'
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '../api/kinds/workload.ts'
import { ageOf } from './age.ts'
import { type Cells, endpointSliceRow, endpointsRow, ingressClassRow, ingressRow, serviceRow } from './networkrows.ts'
import { podRow } from './podrow.ts'
import { daemonSetRow, deploymentRow, nodeRow, plainRow, replicaSetRow, statefulSetRow } from './workloadrows.ts'

/** A kind's table: its headers, how many of them stand without `-o wide`, and the row of an object with all columns. */
export type Table = {
  readonly headers: readonly string[]
  readonly narrow: number
  readonly row: (object: ApiObject, now: number, wide: boolean) => Cells
}

const tables: Readonly<Record<string, Table>> = {
  Service: table('NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE', 'SELECTOR', (object, now, wide) =>
    serviceRow(object as Service, now, wide),
  ),
  Endpoints: table('NAME ENDPOINTS AGE', '', (object, now) => endpointsRow(object as Endpoints, now)),
  EndpointSlice: table('NAME ADDRESSTYPE PORTS ENDPOINTS AGE', '', (object, now) => endpointSliceRow(object as EndpointSlice, now)),
  Ingress: table('NAME CLASS HOSTS ADDRESS PORTS AGE', '', (object, now, wide) => ingressRow(object as Ingress, now, wide)),
  IngressClass: table('NAME CONTROLLER PARAMETERS AGE', '', (object, now) => ingressClassRow(object as IngressClass, now)),
  Pod: table('NAME READY STATUS RESTARTS AGE', 'IP NODE NOMINATED_NODE READINESS_GATES', (object, now) => podRow(object as Pod, now)),
  Node: table('NAME STATUS ROLES AGE VERSION', 'INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME', (object, now) =>
    nodeRow(object as Node, now),
  ),
  Deployment: table('NAME READY UP-TO-DATE AVAILABLE AGE', 'CONTAINERS IMAGES SELECTOR', (object, now) =>
    deploymentRow(object as Deployment, now),
  ),
  ReplicaSet: table('NAME DESIRED CURRENT READY AGE', 'CONTAINERS IMAGES SELECTOR', (object, now) =>
    replicaSetRow(object as ReplicaSet, now),
  ),
  StatefulSet: table('NAME READY AGE', 'CONTAINERS IMAGES', (object, now) => statefulSetRow(object as StatefulSet, now)),
  DaemonSet: table('NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE_SELECTOR AGE', 'CONTAINERS IMAGES SELECTOR', (object, now) =>
    daemonSetRow(object as DaemonSet, now),
  ),
  Namespace: plain('NAME STATUS AGE', ['status.phase', 'AGE']),
  ConfigMap: plain('NAME DATA AGE', ['count:data', 'AGE']),
  Secret: plain('NAME TYPE DATA AGE', ['type', 'count:data', 'AGE']),
  NetworkPolicy: plain('NAME POD-SELECTOR AGE', ['selector:spec.podSelector', 'AGE']),
  GatewayClass: plain('NAME CONTROLLER ACCEPTED AGE', ['spec.controllerName', 'condition:Accepted', 'AGE']),
  Gateway: plain('NAME CLASS ADDRESS PROGRAMMED AGE', ['spec.gatewayClassName', 'status.addresses.0.value', 'condition:Programmed', 'AGE']),
  HTTPRoute: plain('NAME HOSTNAMES AGE', ['spec.hostnames', 'AGE']),
  GRPCRoute: plain('NAME HOSTNAMES AGE', ['spec.hostnames', 'AGE']),
  ReferenceGrant: plain('NAME AGE', ['AGE']),
  Middleware: plain('NAME AGE', ['AGE']),
  ServiceCIDR: table('NAME CIDRS AGE', '', (object, now) => {
    const { cidrs } = (object as ApiObject & { readonly spec: { readonly cidrs: readonly string[] } }).spec
    return [object.metadata.name, cidrs.join(','), ageOf(object.metadata.creationTimestamp, now)]
  }),
  IPAddress: table('NAME PARENTREF', '', (object) => {
    const { parentRef } = (object as ApiObject & { readonly spec: { readonly parentRef: Readonly<Record<string, string>> } }).spec
    return [object.metadata.name, `${parentRef['resource']}/${parentRef['namespace']}/${parentRef['name']}`]
  }),
}

/** The table of a kind; kinds without printer columns of their own show name and age, as custom resources do. */
export function tableOf(kind: string): Table {
  return tables[kind] ?? plain('NAME AGE', ['AGE'])
}

function table(narrow: string, wide: string, row: Table['row']): Table {
  const words = (text: string) => (text === '' ? [] : text.split(' ').map((word) => word.replace('_', ' ')))
  return { headers: [...words(narrow), ...words(wide)], narrow: words(narrow).length, row }
}

function plain(headers: string, fields: readonly string[]): Table {
  return table(headers, '', (object, now) => plainRow(object, now, fields))
}
