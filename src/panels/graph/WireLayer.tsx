import { Address } from '../../ui/Address.tsx'
import { addressText } from '../../view/address.ts'
import { API_AISLE, type StageLayout } from '../../view/layout.ts'
import { declaredWires, programmedWires, type RelationWire } from '../../view/relations.ts'
import type { Failure, Leg, Scene } from '../../view/scene.ts'
import { type Badge, type LegLabel, tagsOf } from '../../view/tags.ts'
import { pathOf } from '../../view/wires.ts'
import { begun, TEXT } from '../../view/words.ts'
import { useStage } from './stageContext.ts'

type WireLayerProps = {
  readonly layout: StageLayout
  readonly scene: Scene | undefined
  /** The leg on which the packet is right now; its line is drawn by the packet's own clock. */
  readonly moving: Leg | undefined
  readonly ghost: readonly Leg[]
  readonly heading: { readonly api: string; readonly beyond: string }
}

/** Every line on the stage, from faint to loud: declared, programmed, the old path, this packet, where it failed. */
export function WireLayer({ layout, scene, moving, ghost, heading }: WireLayerProps) {
  const { t, scale } = useStage()
  const relations = [...declaredWires(layout), ...programmedWires(layout)]
  const legs = scene?.legs ?? []
  const all = moving ? [...legs, moving] : legs
  const last = legs.at(-1)
  const { badges, labels } = tagsOf(all, layout, scale)
  return (
    <>
      <svg className="wires" width="1" height="1" aria-hidden="true">
        <defs>
          {['packet', 'reply'].map((name) => (
            <marker
              key={name}
              id={`arrow-${name}`}
              viewBox="0 0 10 10"
              refX="9"
              refY="5"
              markerWidth="9"
              markerHeight="9"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0L10 5L0 10z" className={`arrow-${name}`} />
            </marker>
          ))}
        </defs>
        {relations.map((wire) => (
          <path key={wire.key} className={`wire wire-${wire.look}`} d={pathOf(wire.points)} />
        ))}
        {ghost.map((leg) => leg.wire && <path key={leg.number} className="wire wire-ghost" d={pathOf(leg.wire.points)} />)}
        {legs.map((leg) => leg.wire && <PacketWire key={leg.number} leg={leg} latest={leg === last} />)}
        {scene?.failure && scene.failure.stub.length > 0 && <path className="wire wire-failed" d={pathOf(scene.failure.stub)} />}
        {badges.map((badge) => (
          <NumberBadge key={badge.text} badge={badge} />
        ))}
      </svg>
      {scene?.failure && <FailureMark failure={scene.failure} />}
      {relations.map((wire) => wire.label && <RelationLabel key={wire.key} wire={wire} />)}
      {labels.map((label) => (
        <AddressLabel key={label.leg.number} label={label} />
      ))}
      {layout.services.length > 0 && (
        <span className="stage-heading" style={{ transform: `translate(${headingX(layout)}px, ${layout.bounds.y - 24}px)` }}>
          {heading.api}
        </span>
      )}
      <span
        className="stage-heading"
        style={{
          transform: `translate(${layout.frameLeft}px, ${outsideTop(layout) - 24}px)`,
          maxWidth: layout.metrics.clientW + API_AISLE - 8,
        }}
      >
        {heading.beyond}
      </span>
      <span className="visually-hidden">{all.map((leg) => t.describeLeg(leg.number, leg.from.name, leg.to.name)).join('. ')}</span>
    </>
  )
}

function headingX(layout: StageLayout): number {
  return Math.min(...layout.services.map(({ rect }) => rect.x))
}

function outsideTop(layout: StageLayout): number {
  return Math.min(...[...layout.clients.map(({ rect }) => rect.y), layout.balancer?.y ?? 0, layout.internet?.y ?? 0])
}

function PacketWire({ leg, latest }: { readonly leg: Leg; readonly latest: boolean }) {
  const name = leg.reply ? 'reply' : 'packet'
  const points = leg.wire?.points ?? []
  return (
    <path
      className={`wire wire-${name}${latest ? ' is-latest' : ''}`}
      d={pathOf(points)}
      markerEnd={`url(#arrow-${name})`}
      data-testid={`edge/${leg.number}`}
      data-from={leg.from.name}
      data-to={leg.to.name}
    />
  )
}

function NumberBadge({ badge: { at, w, h, text } }: { readonly badge: Badge }) {
  return (
    <g className="badge" transform={`translate(${at.x} ${at.y})`}>
      <rect x={-w / 2} y={-h / 2} width={w} height={h} rx={h / 2} />
      <text textAnchor="middle" dy="0.36em">
        {text}
      </text>
    </g>
  )
}

const SHIFT = { start: '0', middle: '-50%', end: '-100%' } as const

function AddressLabel({ label: { leg, text, place: label } }: { readonly label: LegLabel }) {
  const { book } = useStage()
  return (
    <span
      className={`leg-label${leg.rewritten ? ' is-rewritten' : ''}`}
      style={{
        transform: `translate(${label.x}px, ${label.y}px) translate(${SHIFT[label.align]}, -50%)`,
        maxWidth: label.room,
      }}
      title={addressText(leg.ip, leg.port)}
    >
      {leg.rewritten && <span aria-hidden="true">✎ </span>}
      <Address bare ip={text} kind={book.ownerOf(leg.ip).kind} />
    </span>
  )
}

function RelationLabel({ wire }: { readonly wire: RelationWire }) {
  const { t, scale } = useStage()
  const { label } = wire
  if (!label) return null
  const text =
    label.says === 'programmed'
      ? t.programmed
      : label.says === 'none'
        ? label.room / scale < 80
          ? '✕ 0'
          : t.selectsNone
        : label.says === 'manual'
          ? label.room / scale < 82
            ? ''
            : t.noSelector
          : label.room / scale < 68
            ? `${label.count}`
            : t.selects(label.count)
  return (
    <span
      className={`relation-label${wire.look === 'failed' ? ' is-failed' : ''}`}
      style={{
        transform: `translate(${label.x}px, ${label.y}px) translate(${SHIFT[label.align]}, -50%)`,
        maxWidth: label.room,
      }}
      title={text}
    >
      {begun(text, label.room / scale - 6, TEXT)}
    </span>
  )
}

const OCTAGON = Array.from({ length: 8 }, (_, i) => {
  const angle = (Math.PI / 8) * (2 * i + 1)
  return `${(Math.cos(angle) * 11).toFixed(2)},${(Math.sin(angle) * 11).toFixed(2)}`
}).join(' ')

const SIGNS = { drop: '✕', reject: '↩', answer: '!', unknown: '?' } as const

/** Where it ended: an octagon, ✕ for a drop, ↩ for a refusal. It stays. */
function FailureMark({ failure }: { readonly failure: Failure }) {
  const { scale } = useStage()
  return (
    <svg className="wires marks" width="1" height="1" aria-hidden="true">
      <g
        className={`failure failure-${failure.mark}`}
        transform={`translate(${failure.at.x} ${failure.at.y}) scale(${scale})`}
        data-testid="failure"
        data-code={failure.code}
      >
        <polygon className="failure-shape" points={OCTAGON} />
        <text textAnchor="middle" dy="4.5">
          {SIGNS[failure.mark]}
        </text>
      </g>
    </svg>
  )
}
