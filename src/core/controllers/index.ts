import type { Controller } from './controller.ts'
import { deploymentController } from './deployment.ts'
import { endpointsController } from './endpoints/controller.ts'
import { endpointSliceController } from './endpointslice/controller.ts'
import { kubelet } from './kubelet.ts'
import { podEnd } from './podend.ts'
import { replicaSetController } from './replicaset.ts'
import { scheduler } from './scheduler.ts'

/** All controllers, in the order in which a round runs them: causes before effects, so that few rounds are needed. */
export const controllers: readonly Controller[] = [
  deploymentController,
  replicaSetController,
  scheduler,
  kubelet,
  podEnd,
  endpointSliceController,
  endpointsController,
]
