import { useReactFlow, useStore } from '@xyflow/react'
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Place } from '../../core/trace/trace.ts'
import { useSelect } from '../../store/hooks.tsx'
import type { StageLayout } from '../../view/layout.ts'
import { outer, PADDING, typeAt, viewOf } from '../../view/picture.ts'
import { boxAt } from '../../view/wires.ts'

type Size = { readonly width: number; readonly height: number }

/** An element's size, followed. */
export function useSize(ref: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useLayoutEffect(() => {
    const element = ref.current
    if (!element) return
    const measure = () => {
      const { width, height } = element.getBoundingClientRect()
      setSize((before) => (before.width === width && before.height === height ? before : { width, height }))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  })
  return size
}

/** Keeps the picture in view until the person moves it; F takes hold of it again. */
export function useFit(layout: StageLayout | undefined, size: Size, place: Place | undefined) {
  const { setViewport, getZoom } = useReactFlow()
  const wishes = useSelect((state) => state.fitCount)
  const still = useSelect((state) => state.reducedMotion)
  const held = useRef(true)
  const wished = useRef(wishes)
  const partial = useRef(false)

  useEffect(() => {
    if (!layout || size.width === 0) return
    const all = wished.current !== wishes
    if (all) held.current = true
    wished.current = wishes
    if (!held.current) return
    const { zoom, x, y, whole } = viewOf(layout, size, all)
    partial.current = !whole
    void setViewport({ x, y, zoom }, { duration: all && !still ? 200 : 0 })
  }, [layout, size, wishes, setViewport, still])

  useEffect(() => {
    if (!layout || !place || !partial.current || !held.current) return
    const box = boxAt(layout, place)
    if (!box) return
    const zoom = getZoom()
    // In the middle, but never past the picture's own edge.
    const bounds = outer(layout.bounds)
    const within = (wish: number, room: number, from: number, length: number) => {
      const [first, last] = [PADDING - from * zoom, room - PADDING - (from + length) * zoom]
      return Math.min(Math.max(first, last), Math.max(Math.min(first, last), wish))
    }
    const x = within(size.width / 2 - (box.x + box.w / 2) * zoom, size.width, bounds.x, bounds.w)
    const y = within(size.height / 2 - (box.y + box.h / 2) * zoom, size.height, bounds.y, bounds.h)
    void setViewport({ x, y, zoom }, { duration: still ? 0 : 200 })
  }, [layout, place, size, setViewport, getZoom, still])

  const letGo = useCallback(() => {
    held.current = false
  }, [])
  return { letGo }
}

/** Words are never smaller than 12 px on the screen: they are held at that size, and dropped where they no longer fit. */
export function useZoomClass(): { readonly zoomClass: string; readonly scale: number } {
  const zoom = useStore((state) => Math.floor(state.transform[2] * 25 + 1e-6) / 25)
  const zoomClass = zoom < 0.36 ? 'zoom-speck' : zoom < 0.62 ? 'zoom-far' : zoom < 0.67 ? 'zoom-mid' : 'zoom-near'
  return { zoomClass, scale: typeAt(zoom) }
}
