import type { Pod } from '../../api/kinds/pod.ts'
import type { Service } from '../../api/kinds/service.ts'
import { millisOf, rfc3339 } from '../../base/time.ts'
import type { Memory } from '../memory.ts'
import { conditionOf } from '../pods.ts'

export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time'
const SERVICE = '\u0000service'

/**
 * The earliest thing that happened since this Service's last sync: a Pod turning ready or not, or the Service's creation. A Service
 * seen for the first time answers its creation; undefined when nothing carries a time (`TriggerTimeTracker`).
 */
export function triggerTime(key: string, service: Service, pods: readonly Pod[], memory: Memory): string | undefined {
  const before = memory.triggersOf(key)
  const after: Record<string, number> = {}
  let earliest: number | undefined
  const notice = (name: string, time: number | undefined) => {
    if (time === undefined) return
    after[name] = time
    if (time > (before?.[name] ?? Number.NEGATIVE_INFINITY) && (earliest === undefined || time < earliest)) earliest = time
  }
  for (const pod of pods) notice(pod.metadata.name, millisOf(conditionOf(pod, 'Ready')?.lastTransitionTime))
  const created = millisOf(service.metadata.creationTimestamp)
  notice(SERVICE, created)
  memory.setTriggers(key, after)
  const time = before ? earliest : created
  return time === undefined ? undefined : rfc3339(time)
}
