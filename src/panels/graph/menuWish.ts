import type { MouseEvent } from 'react'

/** Which object was asked about, and where on the screen. */
export type MenuAt = { readonly box: string; readonly x: number; readonly y: number; readonly opener: HTMLElement }

/** The wish for a menu: a right click, or the keyboard's menu key, on a box. */
export function menuWish(event: MouseEvent): MenuAt | undefined {
  const opener = (event.target as HTMLElement).closest<HTMLElement>('[data-box]')
  const box = opener?.dataset['box']
  if (!opener || !box || !/^(pod|node|svc|client)\//.test(box)) return undefined
  event.preventDefault()
  const { left, bottom } = opener.getBoundingClientRect()
  // The menu key has no pointer: the menu opens under the box.
  const [x, y] = event.clientX === 0 && event.clientY === 0 ? [left, bottom] : [event.clientX, event.clientY]
  return { box, x, y, opener }
}
