import { eventsIn } from '../store/playback.ts'
import type { Workbench } from '../store/store.ts'

/** What a slide deck may say to an embedded page: `{step: 1}`, `{seek: 4}`, `{send: true}`. */
type Wish = { readonly step?: unknown; readonly seek?: unknown; readonly send?: unknown }

/** Lets the page around an embedded one drive it by `postMessage`; each wish is answered with where the request then stands. */
export function listenToDeck(workbench: Workbench): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    // Only the page that holds this one may, and it can do no more than a viewer with a keyboard.
    if (event.source !== window.parent || typeof event.data !== 'object' || event.data === null) return
    void obey(workbench, event.data as Wish).then((known) => {
      if (known) window.parent.postMessage({ kubehop: stateOf(workbench) }, '*')
    })
  })
}

async function obey(workbench: Workbench, { step, seek, send }: Wish): Promise<boolean> {
  const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
  if (send === true) await workbench.whenSettled().then(workbench.send)
  if (isCount(seek)) workbench.seek(seek)
  if (isCount(step)) workbench.step(step)
  return send === true || isCount(seek) || isCount(step)
}

function stateOf({ store }: Workbench) {
  const { run, shown, index } = store.getState()
  const trace = run?.traces[shown]
  return { index, events: eventsIn(trace).length, ...(trace && { verdict: trace.verdict.code }) }
}
