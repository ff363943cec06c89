import { claimedIngresses, oldestFirst } from '../classes.ts'
import type { Profile } from '../profile.ts'
import { compileSpec } from './spec.ts'

/**
 * A provider's load balancer that dials Pods directly (GKE's container-native load balancing with network endpoint groups, AWS's target
 * type `ip`): no controller Pod and no node port on the way. It matches as the documentation says.
 */
export const cloud: Profile = {
  controller: 'kubehop.dev/cloud',
  name: 'cloud',
  httpPort: 80,
  httpsPort: 443,
  outside: true,
  classes: () => ({ controller: 'kubehop.dev/cloud', takesClassless: false, annotations: ['cloud'] }),
  compile(cluster, config) {
    return this.tableOf(cluster, claimedIngresses(cluster, this.classes(config)), config)
  },
  tableOf: (cluster, ingresses) => ({
    ...compileSpec(cluster, oldestFirst(ingresses)),
    profile: 'cloud',
    forwarding: { style: 'haproxy' },
  }),
  annotations: { prefix: 'kubehop.dev/', modelled: [] },
}
