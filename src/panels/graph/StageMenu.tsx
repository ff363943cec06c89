import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { ApiObject } from '../../core/api/cluster.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import type { Workbench } from '../../store/store.ts'
import type { Messages } from '../../text/messages.ts'
import type { MenuAt } from './menuWish.ts'

type Item = { readonly label: string; readonly run: () => void }

/** What can be done with one object of the stage: send from it or to it, see its rules, break it. */
export function StageMenu({ at, onClose }: { readonly at: MenuAt; readonly onClose: () => void }) {
  const t = useText().stage
  const workbench = useWorkbench()
  const target = useSelect((state) => addressFor(at.box, state.snapshot?.objects ?? []))
  const host = useRef<HTMLDivElement>(null)
  const [spot, setSpot] = useState({ left: at.x, top: at.y })
  const items = itemsFor(at.box, target, workbench, t)

  useEffect(() => {
    const menu = host.current
    if (!menu) return
    menu.querySelector('button')?.focus()
    const { width, height } = menu.getBoundingClientRect()
    const within = (wish: number, room: number) => Math.max(8, Math.min(wish, room - 8))
    setSpot({ left: within(at.x, window.innerWidth - width), top: within(at.y, window.innerHeight - height) })
  }, [at])

  const close = () => {
    at.opener.focus()
    onClose()
  }
  const move = (event: KeyboardEvent) => {
    event.stopPropagation()
    const buttons = [...(host.current?.querySelectorAll('button') ?? [])]
    const now = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (event.key === 'Escape' || event.key === 'Tab') close()
    if (by !== 0) buttons[(now + by + buttons.length) % buttons.length]?.focus()
    if (by !== 0 || event.key === 'Escape') event.preventDefault()
  }
  return (
    <div
      ref={host}
      className="stage-menu"
      role="menu"
      tabIndex={-1}
      aria-label={t.menu.label(at.box.replace(/^\w+\//, ''))}
      style={spot}
      onKeyDown={move}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) onClose()
      }}
    >
      {items.map(({ label, run }) => (
        <button
          key={label}
          type="button"
          role="menuitem"
          onClick={() => {
            run()
            close()
          }}
        >
          {label}
        </button>
      ))}
    </div>
  )
}

/** What a person would dial to reach an object, as the request bar takes it. */
function addressFor(box: string, objects: readonly ApiObject[]): string | undefined {
  const [kind, ...rest] = box.split('/')
  if (kind === 'svc') return rest[0] === 'default' ? `http://${rest[1]}/` : `http://${rest[1]}.${rest[0]}/`
  const name = kind === 'pod' ? rest[1] : rest[0]
  const found = objects.find(
    (object) =>
      object.metadata.name === name &&
      object.kind === (kind === 'pod' ? 'Pod' : 'Node') &&
      (kind !== 'pod' || object.metadata.namespace === rest[0]),
  )
  const status = (found as { status?: { podIP?: string; addresses?: { type: string; address: string }[] } } | undefined)?.status
  if (kind === 'node') return status?.addresses?.[0] && `ping ${status.addresses[0].address}`
  const ports = (found as { spec?: { containers?: { ports?: { containerPort: number }[] }[] } } | undefined)?.spec?.containers?.flatMap(
    (container) => container.ports ?? [],
  )
  return status?.podIP && `http://${status.podIP.includes(':') ? `[${status.podIP}]` : status.podIP}:${ports?.[0]?.containerPort ?? 80}/`
}

function itemsFor(box: string, target: string | undefined, workbench: Workbench, { menu: t }: Messages['stage']): readonly Item[] {
  const [kind, ...rest] = box.split('/')
  const name = rest.join('/')
  const from = kind === 'client' ? name : box
  const act = (step: Readonly<Record<string, unknown>>) => () => void workbench.act(step)
  return [
    ...(kind === 'svc' ? [] : [{ label: t.sendFrom, run: () => workbench.setRequest({ from }) }]),
    ...(target ? [{ label: t.sendTo(target), run: () => workbench.setRequest({ to: target }) }] : []),
    ...(kind === 'node'
      ? [
          {
            label: t.rules,
            run: () => {
              workbench.setRulesNode(name)
              workbench.setDrawer('rules')
            },
          },
          { label: t.freeze, run: act({ freeze: name }) },
          { label: t.thaw, run: act({ thaw: name }) },
          { label: t.breakNode, run: act({ fault: 'node', node: name }) },
          { label: t.mendNode, run: act({ heal: 'node', node: name }) },
        ]
      : []),
    ...(kind === 'pod'
      ? [
          { label: t.unready, run: act({ ready: name, value: false }) },
          { label: t.ready, run: act({ ready: name, value: true }) },
          { label: t.remove, run: act({ delete: `Pod/${name}` }) },
        ]
      : []),
  ]
}
