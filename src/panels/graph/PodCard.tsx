import { Address } from '../../ui/Address.tsx'
import type { PodBox } from '../../view/graph.ts'
import { Box } from './Box.tsx'
import { type StageView, useStage } from './stageContext.ts'

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
  return (
    <Box
      object={pod.key}
      testId={`pod/${pod.namespace}/${pod.name}`}
      label={stage.t.describePod(stage.t.namespaced(pod.namespace, pod.name), ip ?? stage.t.noIp, stage.t.podState[state], pod.node)}
      className={form === 'chip' ? `pod pod-chip pod-chip-${pod.state}` : 'pod'}
      title={form === 'chip' ? `${pod.namespace}/${pod.name} ${ip ?? ''}` : undefined}
      state={state}
      {...(form === 'chip' ? { look: ending(pod.name, stage.chipLength) } : {})}
    >
      <span className={`pod-dot pod-dot-${pod.state}`} aria-hidden="true" />
      <span className="pod-text">
        <span className="pod-name" title={`${pod.namespace}/${pod.name}`}>
          {middle(pod.name, stage.nameLength - (state === 'chosen' ? 2 : 0))}
          {state === 'chosen' && <span className="pod-tick"> ✓</span>}
        </span>
        <span className="pod-line">
          {ended ? (
            <Ended code={ended} />
          ) : hidesIp ? null : ip === undefined ? (
            <span>{stage.t.noIp}</span>
          ) : (
            <Address bare ip={ip} kind={kind} />
          )}
          {!ended && word && <span className="pod-word">{word}</span>}
        </span>
      </span>
    </Box>
  )
}

const PENDING_AT_MOST = 5

/** Pods that no node has taken: they are nowhere, so they stand below all of them. */
export function PendingPods({ pods }: { readonly pods: readonly PodBox[] }) {
  const { t, chipLength } = useStage()
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
          look={middle(pod.name, chipLength + 4)}
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

/** The end of a name: where Pods of one Deployment differ. */
function ending(name: string, length: number): string {
  return name.length <= length ? name : `…${name.slice(1 - length)}`
}

/** A name with its middle left out: generated names differ at the end. */
export function middle(name: string, length: number): string {
  if (name.length <= length) return name
  const tail = Math.min(6, length - 2)
  return `${name.slice(0, length - tail - 1)}…${name.slice(-tail)}`
}
