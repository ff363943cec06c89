import { useEffect, useRef } from 'react'
import type { StageGraph } from '../../view/graph.ts'
import type { Rect } from '../../view/layout.ts'
import { cellAt, matrixOf } from '../../view/matrix.ts'
import { useStage } from './stageContext.ts'

/** Thousands of Pods: nodes down, Services across, one canvas. A click on a cell shows that node. */
export function Matrix({ graph, rect }: { readonly graph: StageGraph; readonly rect: Rect }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { t, onPick } = useStage()
  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context) return
    const matrix = matrixOf(graph)
    const ratio = 2
    element.width = rect.w * ratio
    element.height = rect.h * ratio
    const style = getComputedStyle(element)
    context.clearRect(0, 0, element.width, element.height)
    const [w, h] = [element.width / Math.max(1, matrix.services.length), element.height / Math.max(1, matrix.nodes.length)]
    context.fillStyle = style.getPropertyValue('--pod-ip')
    for (const { node, service, count } of matrix.cells) {
      context.globalAlpha = 0.25 + 0.75 * (count / matrix.most)
      context.fillRect(service * w, node * h, Math.max(1, w - 1), Math.max(1, h - 1))
    }
  }, [graph, rect])
  return (
    <canvas
      ref={canvas}
      className="matrix"
      data-testid="matrix"
      role="img"
      aria-label={t.matrix}
      style={{ transform: `translate(${rect.x}px, ${rect.y}px)`, width: rect.w, height: rect.h }}
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect()
        const cell = cellAt(graph, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
        if (cell) onPick(cell.node.key)
      }}
    />
  )
}
