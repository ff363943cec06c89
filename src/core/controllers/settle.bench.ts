import { bench, describe } from 'vitest'
import { list, store } from '../api/cluster.ts'
import type { Pod } from '../api/kinds/pod.ts'
import { bigCluster } from '../testing/big.ts'
import { settle } from './settle.ts'

for (const services of [500, 1000]) {
  const fresh = bigCluster(services)
  describe(`${services * 10} Pods, ${services} Services, ${services * 2} nodes`, () => {
    bench('settling from nothing', () => void settle(fresh, { now: 0 }), { iterations: 5, warmupIterations: 1, time: 0 })

    let { cluster } = settle(fresh, { now: 0 })
    const pod = list(cluster, 'Pod')[0] as Pod
    let flip = 0
    bench(
      'one Pod turns ready or not',
      () => {
        const annotations = { 'kubehop.dev/ready': String(flip++ % 2 === 0 ? 'false' : 'true') }
        cluster = settle(store(cluster, [{ ...pod, metadata: { ...pod.metadata, annotations } } as Pod]), { now: 1000 }).cluster
      },
      { iterations: 20, warmupIterations: 2, time: 0 },
    )
  })
}
