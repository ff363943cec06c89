import type { NodeProps } from '@xyflow/react'
import { memo } from 'react'
import { NodeFrame } from './NodeFrame.tsx'
import { ClientCard, PlaceCard } from './OutsideCard.tsx'
import { PendingPods, PodCard } from './PodCard.tsx'
import { EntryCard, ServiceHexagon, SliceCards } from './ServiceBoxes.tsx'
import type { FlowNode } from './toFlow.ts'

/** Any object on the stage, as React Flow draws it. */
export const ObjectNode = memo(function ObjectNode({ data }: NodeProps<FlowNode>) {
  const { what } = data
  switch (what.draw) {
    case 'frame':
      return <NodeFrame node={what.node} />
    case 'pod':
      return <PodCard pod={what.pod} form={what.form} />
    case 'service':
      return <ServiceHexagon service={what.service} form={what.form} width={what.rect.w} height={what.rect.h} />
    case 'slices':
      return <SliceCards service={what.service} rect={what.rect} />
    case 'entry':
      return <EntryCard entry={what.entry} rect={what.rect} />
    case 'client':
      return <ClientCard client={what.client} />
    case 'pending':
      return <PendingPods pods={what.pods} />
    case 'place':
      return <PlaceCard place={what.place} />
  }
})
