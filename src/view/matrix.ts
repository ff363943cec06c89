import type { NodeBox, ServiceBox, StageGraph } from './graph.ts'

export type Matrix = {
  readonly nodes: readonly NodeBox[]
  readonly services: readonly ServiceBox[]
  /** Endpoints of a Service on a node, where there are any. */
  readonly cells: readonly { readonly node: number; readonly service: number; readonly count: number }[]
  readonly most: number
}

/** Nodes × Services for clusters too large for boxes. Linear in endpoints. */
export function matrixOf(graph: StageGraph): Matrix {
  const { nodes } = graph
  const services = graph.services.filter((service) => service.slices.length > 0)
  const row = new Map(nodes.map((node, i) => [node.name, i]))
  const cells = services.flatMap((service, column) => {
    const counts = new Map<number, number>()
    for (const { pod } of service.slices.flatMap((slice) => slice.endpoints)) {
      const node = row.get(graph.pods.get(pod ?? '')?.node ?? '')
      if (node !== undefined) counts.set(node, (counts.get(node) ?? 0) + 1)
    }
    return [...counts].map(([node, count]) => ({ node, service: column, count }))
  })
  return { nodes, services, cells, most: cells.reduce((most, { count }) => Math.max(most, count), 1) }
}

/** The node and Service at a part (0 to 1) of the matrix's width and height. */
export function cellAt(
  graph: StageGraph,
  x: number,
  y: number,
): { readonly node: NodeBox; readonly service: ServiceBox | undefined } | undefined {
  const services = graph.services.filter((service) => service.slices.length > 0)
  const node = graph.nodes[Math.floor(y * graph.nodes.length)]
  return node && { node, service: services[Math.floor(x * services.length)] }
}
