import type { Workbench } from '../store/store.ts'

/** Lets time pass while playing: one frame loop, stopped when nothing plays, paused when nobody looks. */
export function startPlayback(workbench: Workbench): void {
  let last: number | undefined
  const frame = (now: number) => {
    if (!workbench.store.getState().playing) {
      last = undefined
      return
    }
    // A frame after a long stall (a sleeping tab) must not jump over events.
    if (last !== undefined) workbench.tick(Math.min(100, now - last))
    last = now
    requestAnimationFrame(frame)
  }
  workbench.store.subscribe((state, before) => {
    if (state.playing && !before.playing) requestAnimationFrame(frame)
  })
  // Whoever types does not want to be hurried.
  document.addEventListener('focusin', ({ target }) => {
    if (target instanceof Element && target.closest('.monaco-editor')) workbench.pause()
  })
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) workbench.pause()
  })
}
