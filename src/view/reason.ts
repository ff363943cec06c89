import { type Reason, reasonText } from '../core/l7/reasons.ts'
import type { WorldEvent } from '../core/sim/session.ts'
import type { Messages } from '../text/messages.ts'

/** Why a route won or lost, in this language; English has the core's own words. */
export function reasonIn(reason: Reason, messages: Messages): string {
  const { reasons, joined } = messages.details.routing
  const say = reasons[reason.code]
  if (!say) return reasonText(reason)
  return reason.than ? joined(say(reason.params), reasonIn(reason.than, messages)) : say(reason.params)
}

/** Why the control plane did something, in this language; English has the core's own words. */
export function becauseIn({ why, because }: Pick<WorldEvent, 'why' | 'because'>, { details }: Messages): string {
  return details.because[because.code]?.(because.params) ?? why
}
