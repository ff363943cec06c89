import type { Controller } from './controller.ts'
import { daemonSetController } from './daemonset.ts'
import { deploymentController } from './deployment.ts'
import { endpointsController } from './endpoints/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { mirroringController } from './endpointslice/mirroring.ts'
import { garbageCollector } from './garbage.ts'
import { gatewayController } from './gatewaystatus.ts'
import { ingressStatus } from './ingressstatus.ts'
import { kubelet } from './kubelet.ts'
import { loadBalancerController } from './loadbalancer.ts'
import { nodeIpam } from './nodeipam.ts'
import { nodeLifecycle, taintEviction } from './nodelife.ts'
import { podEnd } from './podend.ts'
import { replicaSetController } from './replicaset.ts'
import { scheduler } from './scheduler.ts'
import { statefulSetController } from './statefulset.ts'

/** All controllers, in the order in which a round runs them: causes before effects, so that few rounds are needed. */
export const controllers: readonly Controller[] = [
  garbageCollector,
  nodeIpam,
  nodeLifecycle,
  taintEviction,
  deploymentController,
  replicaSetController,
  statefulSetController,
  daemonSetController,
  scheduler,
  kubelet,
  podEnd,
  loadBalancerController,
  ingressStatus,
  gatewayController,
  endpointSliceController,
  endpointsController,
  mirroringController(),
]
