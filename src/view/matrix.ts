import type { NodeBox, ServiceBox, StageGraph } from './graph.ts'

/** Endpoints by node and Service, for clusters too large for boxes. Where there are too many, neighbours share a row or a column. */
export type Matrix = {
  readonly rows: readonly (readonly NodeBox[])[]
  readonly columns: readonly (readonly ServiceBox[])[]
  /** `counts[row][column]` */
  readonly counts: readonly (readonly number[])[]
  readonly most: number
}

const ROWS_AT_MOST = 60
const COLUMNS_AT_MOST = 80

/** Linear in endpoints. */
export function matrixOf(graph: StageGraph): Matrix {
  const rows = binsOf(graph.nodes, ROWS_AT_MOST)
  const columns = binsOf(
    graph.services.filter((service) => service.slices.length > 0),
    COLUMNS_AT_MOST,
  )
  const rowOf = new Map(rows.flatMap((bin, row) => bin.map((node) => [node.name, row] as const)))
  const counts = rows.map(() => columns.map(() => 0))
  columns.forEach((bin, column) => {
    for (const { pod } of bin.flatMap((service) => service.slices.flatMap((slice) => slice.endpoints))) {
      const row = rowOf.get(graph.pods.get(pod ?? '')?.node ?? '')
      const line = row === undefined ? undefined : counts[row]
      if (line) line[column] = (line[column] ?? 0) + 1
    }
  })
  return { rows, columns, counts, most: Math.max(1, ...counts.map((line) => Math.max(0, ...line))) }
}

function binsOf<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const size = Math.max(1, Math.ceil(items.length / most))
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

/** Row and column at a part (0 to 1) of the matrix's width and height. */
export function cellAt(matrix: Matrix, x: number, y: number): { readonly row: number; readonly column: number } {
  const at = (part: number, length: number) => Math.max(0, Math.min(length - 1, Math.floor(part * length)))
  return { row: at(y, matrix.rows.length), column: at(x, matrix.columns.length) }
}
