import type { Node } from '@xyflow/react'
import type { ClientBox, EntryBox, PodBox, ServiceBox } from '../../view/graph.ts'
import type { PlacedNode, Rect, StageLayout } from '../../view/layout.ts'

/** What stands in a React Flow node. */
export type FlowData =
  | { readonly draw: 'frame'; readonly node: PlacedNode }
  | { readonly draw: 'pod'; readonly pod: PodBox; readonly form: 'card' | 'chip' }
  | { readonly draw: 'service'; readonly service: ServiceBox; readonly form: 'full' | 'small' | 'chip'; readonly rect: Rect }
  | { readonly draw: 'slices'; readonly service: ServiceBox; readonly rect: Rect }
  | { readonly draw: 'entry'; readonly entry: EntryBox; readonly rect: Rect }
  | { readonly draw: 'client'; readonly client: ClientBox }
  | { readonly draw: 'pending'; readonly pods: readonly PodBox[] }
  | { readonly draw: 'place'; readonly place: 'balancer' | 'internet' }
export type FlowNode = Node<{ readonly what: FlowData }, 'object'>

/** Our layout in React Flow's words. Every size is ours, so that it measures nothing. */
export function toFlow(layout: StageLayout, pending: readonly PodBox[]): FlowNode[] {
  const outside = (['balancer', 'internet'] as const).flatMap((place) => {
    const rect = layout[place]
    return rect ? [flowNode(place, rect, 2, { draw: 'place', place })] : []
  })
  return [
    ...layout.nodes.map((node) => flowNode(node.box.key, node.rect, 0, { draw: 'frame', node })),
    ...layout.pods.map(({ box, rect, form }) => flowNode(box.key, rect, 2, { draw: 'pod', pod: box, form })),
    ...layout.services.flatMap(({ box, rect, form, slices }) => [
      flowNode(box.key, rect, 2, { draw: 'service', service: box, form, rect }),
      ...(slices ? [flowNode(`slices of ${box.key}`, slices, 2, { draw: 'slices', service: box, rect: slices })] : []),
    ]),
    ...layout.entries.map(({ box, rect }) => flowNode(box.key, rect, 2, { draw: 'entry', entry: box, rect })),
    ...layout.clients.map(({ box, rect }) => flowNode(`client/${box.name}`, rect, 2, { draw: 'client', client: box })),
    ...(layout.pending ? [flowNode('pending', layout.pending, 2, { draw: 'pending', pods: pending })] : []),
    ...outside,
  ]
}

function flowNode(id: string, rect: Rect, zIndex: number, what: FlowData): FlowNode {
  const { x, y, w: width, h: height } = rect
  return {
    id,
    type: 'object',
    position: { x, y },
    width,
    height,
    measured: { width, height },
    zIndex,
    data: { what },
    draggable: false,
    selectable: false,
    focusable: false,
    connectable: false,
  }
}
