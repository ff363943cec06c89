import { useEffect, useRef } from 'react'
import { useWorkbench } from '../../store/hooks.tsx'
import type { WorkbenchState } from '../../store/state.ts'
import { type Motion, timeAt } from '../../view/motion.ts'
import type { Leg } from '../../view/scene.ts'
import { pathOf } from '../../view/wires.ts'

/**
 * The packet. Its way is one Web Animation over the whole trace, which never plays by itself: it is paused, and the store's cursor
 * sets its `currentTime`. So scrubbing, playing, tests and screenshots are the same thing, and React renders nothing a frame.
 */
export function PacketLayer({ motion, moving }: { readonly motion: Motion; readonly moving: Leg | undefined }) {
  const { store } = useWorkbench()
  const dot = useRef<HTMLDivElement>(null)
  const line = useRef<SVGPathElement>(null)

  useEffect(() => {
    const element = dot.current
    if (!element || motion.total === 0) return
    const frames = motion.keyframes.map(({ x, y, time }) => ({
      transform: `translate(${x}px, ${y}px)`,
      offset: Math.min(1, time / motion.total),
    }))
    const animation = element.animate(frames, { duration: motion.total, fill: 'both' })
    animation.pause()
    const follow = (state: WorkbenchState) => {
      animation.currentTime = timeAt(motion, state.index, state.reducedMotion ? 0 : state.fraction)
    }
    follow(store.getState())
    const stop = store.subscribe(follow)
    return () => {
      stop()
      animation.cancel()
    }
  }, [motion, store])

  useEffect(() => {
    const element = line.current
    if (!element || !moving) return
    const animation = element.animate([{ strokeDashoffset: 1 }, { strokeDashoffset: 0 }], { duration: 1000, fill: 'both' })
    animation.pause()
    const follow = (state: WorkbenchState) => {
      animation.currentTime = state.fraction * 1000
    }
    follow(store.getState())
    const stop = store.subscribe(follow)
    return () => {
      stop()
      animation.cancel()
    }
  }, [moving, store])

  return (
    <>
      {moving?.wire && (
        <svg className="wires" width="1" height="1" aria-hidden="true">
          <path
            ref={line}
            className={`wire wire-${moving.reply ? 'reply' : 'packet'} is-moving`}
            pathLength={1}
            d={pathOf(moving.wire.points)}
          />
        </svg>
      )}
      <div ref={dot} className="packet" data-testid="packet" aria-hidden="true" />
    </>
  )
}
