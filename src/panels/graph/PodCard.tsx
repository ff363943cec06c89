import { Address } from '../../ui/Address.tsx'
import { shorten } from '../../view/address.ts'
import type { PodBox } from '../../view/graph.ts'
import { ADDRESS, fitted, lettersIn, linesIn, NAME, TEXT, widthOf } from '../../view/words.ts'
import { Box } from './Box.tsx'
import { type StageView, useStage } from './stageContext.ts'

/** What of a pill's width is no text: its round ends and its dot. */
const POD_EDGE = 46
const POD_EDGE_SMALL = 33
const CHIP_EDGE = 36
const TICK = 18
const PREFIX = 11

/** A Pod: a pill, for a process. Its state is told by the dot's shape, the outline and a word. */
export function PodCard({ pod, form }: { readonly pod: PodBox; readonly form: 'card' | 'chip' }) {
  const stage = useStage()
  const state = stateOf(pod, stage)
  const ip = pod.ips[0]
  const kind = pod.hostNetwork ? 'node-ip' : 'pod-ip'
  const word = wordOf(pod, state, stage)
  // Why not says more than where, and both have no room in a small card.
  const hidesIp = stage.small && word !== undefined && state !== 'chosen' && word.length > 3
  const ended = endedAt(stage, 'pod', `${pod.namespace}/${pod.name}`)
  const { metrics, scale } = stage
  const room = (metrics.podW - (stage.small ? POD_EDGE_SMALL : POD_EDGE)) / scale
  const address = ip && shorten(ip, lettersIn(room - PREFIX))
  // The word stands beside the address where both have room.
  const both = word !== undefined && widthOf(`${address}`, ADDRESS) + PREFIX + widthOf(word, TEXT) + 7 <= room
  return (
    <Box
      object={pod.key}
      testId={`pod/${pod.namespace}/${pod.name}`}
      label={stage.t.describePod(stage.t.namespaced(pod.namespace, pod.name), ip ?? stage.t.noIp, stage.t.podState[state], pod.node)}
      className={form === 'chip' ? `pod pod-chip pod-chip-${pod.state}` : 'pod'}
      title={form === 'chip' ? `${pod.namespace}/${pod.name} ${ip ?? ''}` : undefined}
      state={state}
      {...(form === 'chip' ? { look: fitted(pod.name, (metrics.chipW - CHIP_EDGE) / scale, TEXT) } : {})}
    >
      <span className={`pod-dot pod-dot-${pod.state}`} aria-hidden="true" />
      <span className="pod-text">
        <span className="pod-name" title={`${pod.namespace}/${pod.name}`}>
          {fitted(pod.name, room - (state === 'chosen' ? TICK : 0), NAME)}
          {state === 'chosen' && <span className="pod-tick"> ✓</span>}
        </span>
        {linesIn(metrics.podH, scale) > 0 && (
          <span className="pod-line">
            {ended ? (
              <Ended code={ended} />
            ) : hidesIp ? null : address === undefined ? (
              <span>{stage.t.noIp}</span>
            ) : (
              <Address bare ip={address} kind={kind} title={address === ip ? undefined : ip} />
            )}
            {!ended && word && (both || hidesIp || address === undefined) && (
              <span className="pod-word" title={word}>
                {word}
              </span>
            )}
          </span>
        )}
      </span>
    </Box>
  )
}

const PENDING_AT_MOST = 5
const PENDING_NAME = 110

/** Pods that no node has taken: they are nowhere, so they stand below all of them. */
export function PendingPods({ pods }: { readonly pods: readonly PodBox[] }) {
  const { t } = useStage()
  return (
    <div className="pending">
      <span>{t.pending}</span>
      {pods.slice(0, PENDING_AT_MOST).map((pod) => (
        <Box
          key={pod.key}
          object={pod.key}
          testId={`pod/${pod.namespace}/${pod.name}`}
          label={t.describePod(t.namespaced(pod.namespace, pod.name), t.noIp, t.podState[pod.state], '—')}
          className={`pod pod-chip pod-chip-${pod.state}`}
          state={pod.state}
          title={`${pod.namespace}/${pod.name}`}
          look={fitted(pod.name, PENDING_NAME, TEXT)}
        />
      ))}
      {pods.length > PENDING_AT_MOST && <span>{t.more(pods.length - PENDING_AT_MOST)}</span>}
    </div>
  )
}

/** The verdict's code, where the request ended at this place otherwise than delivered. */
export function endedAt({ scene }: StageView, at: 'pod' | 'client', name: string): string | undefined {
  const failure = scene?.failure
  return failure?.place.at === at && failure.place.name === name ? failure.code : undefined
}

/** A verdict's code in the place of an address. */
export function Ended({ code }: { readonly code: string }) {
  return <span className="box-ended">{code.replace('HTTP_', 'HTTP ')}</span>
}

function stateOf(pod: PodBox, { scene }: StageView): 'ready' | 'unready' | 'terminating' | 'chosen' | 'excluded' {
  if (scene?.chosen.has(pod.key)) return 'chosen'
  if (scene?.excluded.has(pod.key)) return 'excluded'
  return pod.state
}

/** The few letters after the address: why not, or what share of new connections. */
function wordOf(pod: PodBox, state: string, { scene, t, small }: StageView): string | undefined {
  const reason = scene?.excluded.get(pod.key)
  if (state === 'excluded' && reason) return t.excluded[reason as keyof typeof t.excluded] ?? reason
  if (pod.state !== 'ready') return t.podState[pod.state]
  const share = scene?.shares.get(pod.key)
  if (share !== undefined && share < 1) return fraction(share, small)
  return pod.hostNetwork ? t.hostNetwork : undefined
}

const GLYPHS: Readonly<Record<number, string>> = { 2: '½', 3: '⅓', 4: '¼', 5: '⅕', 6: '⅙', 8: '⅛' }

/** A share as people say it: 1/3 where it is one, else percent. */
export function fraction(share: number, short = false): string {
  for (let n = 2; n <= 12; n++) if (Math.abs(share * n - 1) < 0.001) return (short && GLYPHS[n]) || `1/${n}`
  return `${Math.round(share * 1000) / 10} %`
}
