import { Address } from '../../ui/Address.tsx'
import { addressText, shorten } from '../../view/address.ts'
import type { PlacedNode, Rect } from '../../view/layout.ts'
import type { KernelLine } from '../../view/scene.ts'
import { ADDRESS, fitted, lettersIn, NAME, TEXT, widthOf } from '../../view/words.ts'
import { Box } from './Box.tsx'
import { useStage } from './stageContext.ts'

/** A machine: a solid frame with a tab. Its Pods stand in it as boxes of their own; its kernel is part of it. */
export function NodeFrame({ node }: { readonly node: PlacedNode }) {
  const { t, scale, small } = useStage()
  const { box, form } = node
  const ip = box.ips[0] ?? ''
  const note = box.pods.length === 0 && box.hidden > 0 ? t.systemHere(box.hidden) : t.podsHere(box.pods.length)
  const zone = form === 'frame' ? box.zone : undefined
  const edge = small ? 18 : 26
  const gap = small ? 7 : 10
  // Beside the address and the zone in a tab, or alone in a small frame.
  const beside = form === 'mini' ? 0 : widthOf(`N ${ip}`, ADDRESS) + gap + (zone ? widthOf(zone, TEXT) + gap : 0)
  const width = form === 'mini' ? node.tab.w * 0.72 : form === 'strip' ? node.tab.w - widthOf(note, TEXT) * scale - gap : node.tab.w
  return (
    <>
      <Box
        object={box.key}
        testId={`node/${box.name}`}
        label={t.describeNode(box.name, ip, box.pods.length)}
        className={`node-frame node-${form}`}
        style={{ width: node.rect.w, height: node.rect.h }}
      >
        <span className="node-tab" style={form === 'frame' ? { maxWidth: node.tab.w, height: node.tab.h } : { height: node.tab.h }}>
          <span className="node-name" title={box.name}>
            {fitted(box.name, (width - edge) / scale - beside, NAME)}
          </span>
          {form !== 'mini' && <Address bare ip={ip} kind="node-ip" />}
          {zone && <span className="node-zone">{zone}</span>}
        </span>
        {form !== 'frame' && <span className="node-note">{form === 'mini' ? box.pods.length : note}</span>}
        {node.cells && <PodCells cells={node.cells} frame={node.rect} />}
      </Box>
      {node.kernel && <KernelBox node={node} kernel={node.kernel} />}
    </>
  )
}

/** What a node's kernel does: the lines of its rules that the packet has met so far. */
function KernelBox({ node, kernel }: { readonly node: PlacedNode; readonly kernel: Rect }) {
  const { t, scene, index, small, scale } = useStage()
  const { name, proxy } = node.box
  const lines = scene?.kernels.get(name) ?? []
  const ended = scene?.failure?.place.at === 'node' && scene.failure.place.name === name ? scene.failure : undefined
  const shown = mostTelling(
    lines,
    Math.max(1, Math.floor((kernel.h / scale - (small ? 26 : 32)) / (small ? 20 : 21)) - (ended ? 2 : 0)),
    index,
  )
  const here = scene?.place?.at === 'node' && scene.place.name === name
  const word = proxy.state === 'lagging' ? t.proxy.lagging(Math.round(proxy.lagMs / 1000)) : t.proxy[proxy.state]
  return (
    <div
      className={`kernel ${here ? 'is-here' : ''}`}
      style={{ left: kernel.x - node.rect.x, top: kernel.y - node.rect.y, width: kernel.w, height: kernel.h }}
      data-testid={`kernel/${name}`}
      data-state={proxy.state}
      title={shown.length < lines.length ? t.earlier(lines.length - shown.length) : undefined}
    >
      <span className="kernel-head">
        <span className="kernel-title">{t.kernel}</span>
        <span className={`kernel-state kernel-${proxy.state}`} title={word}>
          {small ? word.slice(0, 1) : word}
        </span>
      </span>
      {lines.length === 0 && !ended && <span className="kernel-idle">{t.idle}</span>}
      {shown.map((line) => (
        <Line key={line.event} line={line} current={line.event === index} room={(kernel.w - KERNEL_EDGE) / scale} />
      ))}
      {ended && <span className="kernel-end">✕ {ended.code.replaceAll('_', '_\u200b')}</span>}
    </div>
  )
}

/** The lines that a small box has room for: the current one, then what was rewritten, then the latest rules; in their order. */
function mostTelling(lines: readonly KernelLine[], room: number, index: number): readonly KernelLine[] {
  if (lines.length <= room) return lines
  const rank = (line: KernelLine) => (line.event === index ? 1e9 : line.weight * 1e6) + line.event
  const kept = new Set([...lines].sort((a, b) => rank(b) - rank(a)).slice(0, room))
  return lines.filter((line) => kept.has(line))
}

/** What of a kernel's width is no text in its lines. */
const KERNEL_EDGE = 24
/** The pencil and its arrow, or an arrow. */
const MARK = 23
const ARROW = 14
const PREFIX = 11

function Line({ line, current, room }: { readonly line: KernelLine; readonly current: boolean; readonly room: number }) {
  const { t, book } = useStage()
  // The verb gives way to an arrow before the address is shortened.
  const said = line.what === 'route' ? t.routes : t.chose
  const whole = line.ip === undefined ? '' : addressText(line.ip, line.port ?? 0)
  const fits = widthOf(`${said} `, TEXT) + PREFIX + widthOf(whole, ADDRESS) <= room
  const verb = fits ? said : '→'
  const before = line.what === 'rewrite' ? MARK : fits ? 0 : ARROW
  const text = fits && line.what !== 'rewrite' ? whole : shorten(whole, lettersIn(room - PREFIX - before))
  const address =
    line.ip === undefined || line.ip === '' ? undefined : (
      <Address bare ip={text} kind={book.ownerOf(line.ip).kind} title={text === whole ? undefined : whole} />
    )
  const className = `kernel-line kernel-line-${line.what}${current ? ' is-current' : ''}`
  switch (line.what) {
    case 'track':
      return <span className={className}>{t.conntrack[line.text as keyof typeof t.conntrack] ?? line.text}</span>
    case 'rule':
      return (
        <span className={className} title={line.text}>
          <span className="kernel-chain">{line.text.replace(/ #.*/, '')}</span> {/#.*/.exec(line.text)?.[0]}
        </span>
      )
    case 'choose':
      return (
        <span className={className} title={line.text}>
          {address ? verb : t.chose} {address ?? line.text}
        </span>
      )
    case 'rewrite':
      return (
        <span className={className} title={line.text === 'dst' ? t.destination : t.source}>
          ✎{line.text === 'dst' ? '→' : '←'} {address}
        </span>
      )
    case 'route':
      return (
        <span className={className} title={line.text}>
          {verb} {address}
        </span>
      )
  }
}

const SHAPES = ['ready', 'unready', 'terminating'] as const

/** Many Pods: one path a state, so that a thousand of them are three elements. */
function PodCells({ cells, frame }: { readonly cells: NonNullable<PlacedNode['cells']>; readonly frame: Rect }) {
  const { columns, pods, rect, size: step } = cells
  const size = step > 8 ? step - 3 : step - 1
  const path = (state: (typeof SHAPES)[number]) =>
    pods
      .map((pod, i) => (pod.state === state ? `M${(i % columns) * step} ${Math.floor(i / columns) * step}h${size}v${size}h-${size}z` : ''))
      .join('')
  return (
    <svg className="node-cells" style={{ left: rect.x - frame.x, top: rect.y - frame.y }} width={rect.w} height={rect.h} aria-hidden="true">
      {SHAPES.filter((state) => pods.some((pod) => pod.state === state)).map((state) => (
        <path key={state} className={`cell-${state}`} d={path(state)} />
      ))}
    </svg>
  )
}
