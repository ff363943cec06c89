import type { Cluster } from '../api/cluster.ts'
import { clusterOf, deployment, node, service } from './cluster.ts'

/** So many Services, each before a Deployment of ten Pods, on two nodes for each Service. */
export function bigCluster(services: number): Cluster {
  const nodes = Array.from({ length: services * 2 }, (_, i) => {
    const one = node(`node-${String(i).padStart(5, '0')}`, 1)
    const cidr = `10.${128 + (i >> 8)}.${i & 255}.0/24`
    return { ...one, spec: { podCIDR: cidr, podCIDRs: [cidr] } }
  })
  const apps = Array.from({ length: services }, (_, i) => [deployment(`app-${i}`, 10), service(`app-${i}`)]).flat()
  return clusterOf(...nodes, ...apps)
}
