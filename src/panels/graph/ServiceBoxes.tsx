import { useSelect } from '../../store/hooks.tsx'
import { hasDecided } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'
import type { EntryBox, ServiceBox, SliceBox } from '../../view/graph.ts'
import type { Rect } from '../../view/layout.ts'
import { begun, ADDRESS as FACE, fitted, linesIn, NAME, TEXT, widthOf } from '../../view/words.ts'
import { Box } from './Box.tsx'
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
  const room = (width * (form === 'chip' ? 0.86 : 0.82)) / stage.scale
  const lines = linesIn(height, stage.scale)
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
        {serviceName(service, form, room, stage)}
      </span>
      {vip !== undefined && lines > 0 && (
        <span className="svc-vip">
          <Address bare ip={vip} port={port} kind="cluster-ip" />
          {service.ports.length > 1 && <span className="svc-more">{t.more(service.ports.length - 1)}</span>}
        </span>
      )}
      {form !== 'chip' && !(plain && form === 'small') && lines > (vip === undefined ? 0 : 1) && (
        <span className="svc-note" title={note}>
          {service.outside[0] !== undefined && widthOf(note, TEXT) > room ? service.outside[0] : begun(note, room, TEXT)}
        </span>
      )}
    </Box>
  )
}

/** `Service` is left out before a name is shortened, and the namespace is shortened before the name. */
function serviceName({ namespace, name }: ServiceBox, form: 'full' | 'small' | 'chip', room: number, { t }: StageView): string {
  const face = form === 'chip' ? TEXT : NAME
  const whole = t.namespaced(namespace, name)
  if (form === 'full' && widthOf(t.service(whole), face) <= room) return t.service(whole)
  if (widthOf(whole, face) <= room) return whole
  const left = room - widthOf(t.namespaced('', name), face)
  return whole !== name && left > widthOf('abc…', face) ? t.namespaced(begun(namespace, left, face), name) : fitted(name, room, face)
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
  const { t, slicesHold, small, scale } = useStage()
  const count = slice.endpoints.length
  const aLine = Math.max(1, Math.floor((rect.w - 14) / (ADDRESS * scale)))
  const kind = small ? 'Slice' : 'EndpointSlice'
  const inside = (rect.w - 24) / scale
  const room = aLine * Math.max(0, Math.min(2, linesIn(rect.h - 4, scale) - 1))
  // "+2" takes the place of an address, unless it is alone on its line.
  const shown = slice.endpoints.slice(0, count <= room ? count : Math.max(Math.min(1, room), room - 1))
  const readiness = count === 0 ? t.noEndpoint : slice.ready === count ? t.allReady : t.someReady(slice.ready)
  const said = `${t.sliceCount(count, slicesHold)} · ${readiness}`
  return (
    <Box
      object={slice.key}
      testId={`slice/${slice.namespace}/${slice.name}`}
      label={`${t.describeSlice(slice.name, count)}, ${readiness}`}
      className="slice"
    >
      <span className="slice-title" title={slice.name}>
        <span className="slice-kind">{kind}</span> {fitted(slice.name, inside - widthOf(`${kind} `, TEXT), NAME)}
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
      <span className="slice-foot" title={said}>
        {widthOf(said, TEXT) <= inside ? said : begun(readiness, inside, TEXT)}
      </span>
    </Box>
  )
}

const SHORT: Readonly<Record<string, string>> = { Ingress: 'ing', Gateway: 'gw', HTTPRoute: 'route', GRPCRoute: 'grpcroute' }

/** An Ingress, a Gateway or a route: what an L7 proxy is told. */
export function EntryCard({ entry, rect }: { readonly entry: EntryBox; readonly rect: Rect }) {
  const { t, scale } = useStage()
  const decided = useSelect((state) => hasDecided(state, entry.key))
  const room = (rect.w - 22) / scale
  const height = linesIn(rect.h - 4, scale)
  const address = height > 0 ? entry.addresses[0] : undefined
  const title = `${entry.kind} ${entry.name}`
  // As kubectl calls it, before the name is shortened.
  const short = SHORT[entry.kind] ?? entry.kind.toLowerCase()
  return (
    <Box
      object={entry.key}
      testId={`${short}/${entry.namespace}/${entry.name}`}
      label={t.describeEntry(entry.kind, t.namespaced(entry.namespace, entry.name))}
      className="entry"
      state={decided ? 'chosen' : undefined}
    >
      <span className="entry-title" title={title}>
        {widthOf(title, NAME) <= room ? title : `${short} ${fitted(entry.name, room - widthOf(`${short} `, NAME), NAME)}`}
      </span>
      {address !== undefined && <Address bare ip={address} kind="external" />}
      {entry.lines.slice(0, Math.min(2, height) - (address === undefined ? 0 : 1)).map((line) => (
        <span key={line} className="entry-line" title={line}>
          {begun(line, room, FACE)}
        </span>
      ))}
    </Box>
  )
}
