import { useEffect, useRef, useState } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { addressesOf, shownEvents } from '../../store/select.ts'
import type { Messages } from '../../text/messages.ts'
import { MARKS, markOf, sentenceOf, shortOf } from '../../view/story.ts'

/** The line of events: marks where something is looked up, matched, rewritten, crossed, delivered or lost. */
export function Scrubber() {
  const messages = useText()
  const { transport: t } = messages.shell
  const workbench = useWorkbench()
  const events = useSelect(shownEvents)
  const book = useSelect(addressesOf)
  const index = useSelect((state) => state.index)
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  // Present mode's letters are larger: the line has room for fewer.
  const scale = useSelect((state) => (state.present ? 1.35 : 1))
  const current = events[index - 1]
  const spoken = current ? `${t.position(index, events.length)}: ${sentenceOf(current, book, messages)}` : t.position(index, events.length)
  return (
    <div className="scrubber" ref={box}>
      <div className="scrubber-line" aria-hidden="true">
        <Needle length={events.length} />
        {ticksOf(events, width / scale, messages).map((tick) => (
          <span
            key={tick.event}
            className="scrubber-tick"
            data-past={tick.event <= index}
            data-mark={tick.mark}
            style={{ left: `${tick.at * 100}%` }}
          >
            <span className="scrubber-mark">{MARKS[tick.mark]}</span>
            {tick.caption && (
              <span className="scrubber-caption" data-end={tick.at > 0.94} data-begin={tick.at < 0.04}>
                {tick.caption}
              </span>
            )}
          </span>
        ))}
        {events.length === 0 && <span className="scrubber-empty">{messages.story.start}</span>}
      </div>
      <input
        type="range"
        aria-label={t.scrubber}
        aria-valuetext={spoken}
        title={current ? sentenceOf(current, book, messages) : undefined}
        min={0}
        max={Math.max(1, events.length)}
        step={1}
        value={index}
        disabled={events.length === 0}
        onChange={(event) => workbench.seek(Number(event.target.value))}
      />
    </div>
  )
}

type Tick = {
  readonly event: number
  readonly at: number
  readonly mark: Exclude<ReturnType<typeof markOf>, 'plain'>
  readonly caption: string
}

/** The events worth a mark; a caption is left out where it would touch the one before it. */
function ticksOf(events: readonly TraceEvent[], width: number, messages: Messages): readonly Tick[] {
  const ticks: Tick[] = []
  let free = 0
  for (const [i, event] of events.entries()) {
    const mark = markOf(event)
    if (mark === 'plain') continue
    const at = (i + 1) / events.length
    const text = shortOf(event, messages)
    // Roughly: latin letters are 6.5 px wide at this size, hanzi 12.
    const half = [...text].reduce((sum, letter) => sum + (letter.charCodeAt(0) > 0x2e80 ? 12 : 6.5), 10) / 2
    const centre = Math.min(Math.max(at * width, half), width - half)
    const fits = centre - half >= free
    if (fits) free = centre + half
    ticks.push({ event: i + 1, at, mark, caption: fits ? text : '' })
  }
  return ticks
}

/** The only part of the transport that moves with every frame. */
function Needle({ length }: { readonly length: number }) {
  const at = useSelect((state) => (length === 0 ? 0 : Math.min(1, (state.index + state.fraction) / length)))
  return (
    <>
      <span className="scrubber-done" style={{ transform: `scaleX(${at})` }} />
      <span className="scrubber-needle" style={{ left: `${at * 100}%` }} />
    </>
  )
}

function useWidth(box: React.RefObject<HTMLDivElement | null>): number {
  const [width, setWidth] = useState(600)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)))
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return width
}
