import { useSelect } from '../../store/hooks.tsx'
import { hasDecided } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'
import type { EntryBox, ServiceBox, SliceBox } from '../../view/graph.ts'
import type { Rect } from '../../view/layout.ts'
import { Box } from './Box.tsx'
import { middle } from './PodCard.tsx'
import { type StageView, useStage } from './stageContext.ts'

/** A Service: a hollow, dashed hexagon outside of every frame, for a rule that is nowhere. */
export function ServiceHexagon({
  service,
  form,
  width,
  height,
}: {
  readonly service: ServiceBox
  readonly form: 'full' | 'small' | 'chip'
  readonly width: number
  readonly height: number
}) {
  const stage = useStage()
  const { t } = stage
  const vip = service.vips[0]
  const note = noteOf(service, stage)
  const plain = note === t.nowhere || note === t.nowhereShort || note === t.everywhere
  const port = service.ports[0]?.port
  const inset = form === 'chip' ? 10 : 20
  const corners = `${inset},1 ${width - inset},1 ${width - 1},${height / 2} ${width - inset},${height - 1} ${inset},${height - 1} 1,${height / 2}`
  return (
    <Box
      object={service.key}
      testId={`svc/${service.namespace}/${service.name}`}
      label={t.describeService(t.namespaced(service.namespace, service.name), vip ?? noteOf(service, stage))}
      className={`svc svc-${form}`}
    >
      <svg className="svc-shape" width={width} height={height} aria-hidden="true">
        <polygon points={corners} />
      </svg>
      <span className="svc-name" title={`${service.namespace}/${service.name}`}>
        {form === 'full'
          ? t.service(t.namespaced(service.namespace, middle(service.name, 16)))
          : t.namespaced(service.namespace, middle(service.name, 18))}
      </span>
      {vip !== undefined && (
        <span className="svc-vip">
          <Address bare ip={vip} port={port} kind="cluster-ip" />
          {service.ports.length > 1 && <span className="svc-more">{t.more(service.ports.length - 1)}</span>}
        </span>
      )}
      {form !== 'chip' && !(plain && form === 'small') && !(height < 56 && vip !== undefined) && <span className="svc-note">{note}</span>}
    </Box>
  )
}

function noteOf(service: ServiceBox, { t, mode, small }: StageView): string {
  const nodePorts = service.ports.flatMap(({ nodePort }) => (nodePort > 0 ? [`:${nodePort}`] : []))
  if (service.externalName) return t.alias(service.externalName)
  if (service.headless) return t.headless
  if (service.outside.length > 0) return `${t.loadBalancer} ${service.outside[0]}`
  if (nodePorts.length > 0) return t.nodePort(nodePorts.slice(0, 2).join(' '))
  if (service.type === 'LoadBalancer') return t.pendingBalancer
  if (service.vips.length === 0) return t.noAddress
  if (mode === 'ipvs') return t.everywhere
  return small ? t.nowhereShort : t.nowhere
}

const SLICES_AT_MOST = 6
/** Width of an address with the gap behind it. */
const ADDRESS = 98

/** The EndpointSlices of a Service: one as a card with its addresses, several as a ribbon with their sizes. */
export function SliceCards({ service, rect }: { readonly service: ServiceBox; readonly rect: Rect }) {
  const { t } = useStage()
  const [first, ...others] = service.slices
  if (!first) return service.externalName ? null : <div className="slice slice-none">{t.noSlice}</div>
  if (others.length === 0) return <SliceCard slice={first} rect={rect} />
  return (
    <div className="slice slice-ribbon">
      <span className="slice-title">{t.slices(service.slices.length)}</span>
      <span className="slice-row">
        {service.slices.slice(0, SLICES_AT_MOST).map((slice) => (
          <Box
            key={slice.key}
            object={slice.key}
            testId={`slice/${slice.namespace}/${slice.name}`}
            label={t.describeSlice(slice.name, slice.endpoints.length)}
            className="slice-part"
          >
            {slice.family === 'IPv6' ? 'v6 ' : ''}
            {slice.endpoints.length}
          </Box>
        ))}
        {service.slices.length > SLICES_AT_MOST && <span>{t.more(service.slices.length - SLICES_AT_MOST)}</span>}
      </span>
    </div>
  )
}

function SliceCard({ slice, rect }: { readonly slice: SliceBox; readonly rect: Rect }) {
  const { t, slicesHold, small } = useStage()
  const count = slice.endpoints.length
  const aLine = Math.max(1, Math.floor((rect.w - 14) / ADDRESS))
  const room = aLine * (rect.h > 70 ? 2 : rect.h > 54 ? 1 : 0)
  // "+2" takes the place of an address, unless it is alone on its line.
  const shown = slice.endpoints.slice(0, count <= room ? count : Math.max(Math.min(1, room), room - 1))
  const readiness = count === 0 ? t.noEndpoint : slice.ready === count ? t.allReady : t.someReady(slice.ready)
  return (
    <Box
      object={slice.key}
      testId={`slice/${slice.namespace}/${slice.name}`}
      label={`${t.describeSlice(slice.name, count)}, ${readiness}`}
      className="slice"
    >
      <span className="slice-title" title={slice.name}>
        <span className="slice-kind">{small ? 'Slice' : 'EndpointSlice'}</span>{' '}
        {middle(slice.name, Math.max(8, Math.floor((rect.w - (small ? 58 : 108)) / 9.4)))}
      </span>
      {shown.length > 0 && (
        <span className="slice-addresses">
          {shown.map((endpoint) => (
            <span key={endpoint.address} className={endpoint.ready ? '' : 'slice-unready'}>
              <Address bare ip={endpoint.address} kind="pod-ip" />
            </span>
          ))}
          {count > shown.length && <span>{t.more(count - shown.length)}</span>}
        </span>
      )}
      <span className="slice-foot">
        {t.sliceCount(count, slicesHold)} · {readiness}
      </span>
    </Box>
  )
}

const SHORT: Readonly<Record<string, string>> = { Ingress: 'ing', Gateway: 'gw', HTTPRoute: 'route', GRPCRoute: 'grpcroute' }

/** An Ingress, a Gateway or a route: what an L7 proxy is told. */
export function EntryCard({ entry }: { readonly entry: EntryBox }) {
  const { t, small } = useStage()
  const decided = useSelect((state) => hasDecided(state, entry.key))
  const lines = (small ? 1 : 2) - (entry.addresses.length > 0 ? 1 : 0)
  return (
    <Box
      object={entry.key}
      testId={`${SHORT[entry.kind] ?? entry.kind.toLowerCase()}/${entry.namespace}/${entry.name}`}
      label={t.describeEntry(entry.kind, t.namespaced(entry.namespace, entry.name))}
      className="entry"
      state={decided ? 'chosen' : undefined}
    >
      <span className="entry-title">
        {entry.kind} {middle(entry.name, 18)}
      </span>
      {entry.addresses[0] !== undefined && <Address bare ip={entry.addresses[0]} kind="external" />}
      {entry.lines.slice(0, lines).map((line) => (
        <span key={line} className="entry-line" title={line}>
          {line}
        </span>
      ))}
    </Box>
  )
}
