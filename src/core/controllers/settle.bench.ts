import { list, store } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import type { Group } from '../testing/bench.ts'
import { bigCluster } from '../testing/big.ts'
import { settle } from './settle.ts'

/** A large cluster from nothing, and one change in it. */
export const groups: readonly Group[] = [500, 1000].map((services) => ({
  title: `${services * 10} Pods, ${services} Services, ${services * 2} nodes`,
  calls: 10,
  cases: () => {
    const fresh = bigCluster(services)
    let { cluster } = settle(fresh, { now: 0 })
    const pod = list(cluster, 'Pod')[0] as Pod
    let flip = 0
    const turn = () => {
      const annotations = { 'kubehop.dev/ready': String(flip++ % 2 === 0 ? 'false' : 'true') }
      cluster = settle(store(cluster, [{ ...pod, metadata: { ...pod.metadata, annotations } } as Pod]), { now: 1000 }).cluster
    }
    return [
      { name: 'settling from nothing', run: () => settle(fresh, { now: 0 }) },
      { name: 'one Pod turns ready or not', run: turn },
    ]
  },
  kept: { 'the settled cluster': () => settle(bigCluster(services), { now: 0 }).cluster },
}))
