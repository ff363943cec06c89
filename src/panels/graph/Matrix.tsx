import { type PointerEvent, useEffect, useMemo, useRef } from 'react'
import type { StageGraph } from '../../view/graph.ts'
import type { Rect } from '../../view/layout.ts'
import { type Matrix as Counts, cellAt, matrixOf } from '../../view/matrix.ts'
import { useStage } from './stageContext.ts'

/** Thousands of Pods: nodes down, Services across, on one canvas. A click on a cell shows its first node. */
export function Matrix({ graph, rect }: { readonly graph: StageGraph; readonly rect: Rect }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { t, onPick } = useStage()
  const matrix = useMemo(() => matrixOf(graph), [graph])
  useEffect(() => {
    if (canvas.current) paint(canvas.current, matrix, rect)
  }, [matrix, rect])
  const cellUnder = (event: PointerEvent<HTMLCanvasElement> | React.MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return cellAt(matrix, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
  }
  return (
    <canvas
      ref={canvas}
      className="matrix"
      data-testid="matrix"
      role="img"
      aria-label={t.matrix}
      style={{ transform: `translate(${rect.x}px, ${rect.y}px)`, width: rect.w, height: rect.h }}
      onPointerMove={(event) => {
        const { row, column } = cellUnder(event)
        const names = (bin: readonly { readonly name: string }[] | undefined) => [bin?.[0]?.name, bin?.at(-1)?.name]
        const range = ([first, last]: readonly (string | undefined)[]) => (first === last ? first : `${first} … ${last}`)
        event.currentTarget.title = `${range(names(matrix.rows[row]))} × ${range(names(matrix.columns[column]))}: ${matrix.counts[row]?.[column] ?? 0}`
      }}
      onClick={(event) => {
        const node = matrix.rows[cellUnder(event).row]?.[0]
        if (node) onPick(node.key)
      }}
    />
  )
}

function paint(canvas: HTMLCanvasElement, matrix: Counts, rect: Rect): void {
  const context = canvas.getContext('2d')
  if (!context) return
  canvas.width = rect.w * 2
  canvas.height = rect.h * 2
  const [w, h] = [canvas.width / Math.max(1, matrix.columns.length), canvas.height / Math.max(1, matrix.rows.length)]
  context.fillStyle = getComputedStyle(canvas).getPropertyValue('--pod-ip')
  matrix.counts.forEach((line, row) => {
    line.forEach((count, column) => {
      context.globalAlpha = count === 0 ? 0.06 : 0.3 + 0.7 * (count / matrix.most)
      context.fillRect(column * w + 1, row * h + 1, w - 2, h - 2)
    })
  })
}
