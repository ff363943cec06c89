import { lazy, Suspense, useEffect, useState } from 'react'
import type { LineSource } from '../../core/sim/writtenby.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { modeOf, nodeNames, rulesNodeOf, shownEvents } from '../../store/select.ts'
import { rulesKey } from '../../store/state.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { linesOf, litOf } from './lit.ts'
import type { ReadoutView } from './Readout.tsx'
import { RuleList } from './RuleList.tsx'
import './rules.css'

const Readout = lazy(() => import('./Readout.tsx').then(({ Readout: component }) => ({ default: component })))

type View = 'rules' | ReadoutView

const NONE: readonly LineSource[] = []

/** What kube-proxy has programmed on one node, in the mode's own words, with the lines the packet has visited lit. */
export function RulesPanel() {
  const messages = useText()
  const { rules: t } = messages.shell
  const workbench = useWorkbench()
  const node = useSelect(rulesNodeOf)
  const mode = useSelect(modeOf)
  const lines = useSelect((state) => state.rules.get(rulesKey(node ?? '', mode)))
  const sources = useSelect((state) => state.ruleSources.get(rulesKey(node ?? '', mode)) ?? NONE)
  const events = useSelect(shownEvents)
  const index = useSelect((state) => state.index)
  const [onlyVisited, setOnlyVisited] = useState(false)
  const [find, setFind] = useState('')
  const [chosen, setView] = useState<View>('rules')
  // ipvs' own read-out is there in its mode only.
  const view = chosen === 'ipvs' && mode !== 'ipvs' ? 'rules' : chosen
  useEffect(() => {
    if (node !== undefined && !lines) void workbench.needRules(node, mode)
  }, [node, mode, lines, workbench])
  const lit = litOf(events, index, node)
  const shown = linesOf(lines ?? [], lit, { onlyVisited, find })
  return (
    <div className="rules">
      <div className="rules-bar">
        <NodeChooser />
        <ViewChooser view={view} onChange={setView} />
        {view === 'rules' && (
          <label className="rules-check">
            <input type="checkbox" checked={onlyVisited} onChange={(event) => setOnlyVisited(event.target.checked)} />
            {t.onlyVisited}
          </label>
        )}
        <input
          className="field"
          type="search"
          aria-label={t.find}
          placeholder={t.find}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
        {view === 'rules' && (
          <>
            <span className="rules-count">{lines ? t.lines(lines.length) : t.loading}</span>
            <CopyButton
              text={() => (lines ?? []).map((line) => line.text).join('\n')}
              label={messages.shell.copy}
              done={messages.shell.copied}
            />
          </>
        )}
      </div>
      {view !== 'rules' && node !== undefined && (
        <Suspense>
          <Readout node={node} view={view} find={find} />
        </Suspense>
      )}
      {view === 'rules' && lines && <RuleList lines={shown} sources={sources} lit={lit} />}
    </div>
  )
}

function NodeChooser() {
  const { rules: t } = useText().shell
  const workbench = useWorkbench()
  const nodes = useSelect(nodeNames)
  const chosen = useSelect((state) => state.rulesNode)
  const followed = useSelect((state) => rulesNodeOf({ ...state, rulesNode: undefined }) ?? '')
  return (
    <select
      className="field"
      aria-label={t.node}
      data-testid="rules-node"
      value={chosen ?? ''}
      onChange={(event) => workbench.setRulesNode(event.target.value || undefined)}
    >
      <option value="">{t.follow(followed)}</option>
      {nodes.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  )
}

/** Which of the node's tools is read. */
function ViewChooser({ view, onChange }: { readonly view: View; readonly onChange: (view: View) => void }) {
  const { node: t } = useText().details
  const mode = useSelect(modeOf)
  const views: readonly View[] = ['rules', 'sets', ...(mode === 'ipvs' ? (['ipvs'] as const) : []), 'conntrack', 'addresses', 'routes']
  return (
    <fieldset className="rules-views" aria-label={t.views}>
      {views.map((one) => (
        <button key={one} type="button" aria-pressed={one === view} data-testid={`node-view/${one}`} onClick={() => onChange(one)}>
          {one === 'sets' ? t.setsOf[mode] : t.view[one]}
        </button>
      ))}
    </fieldset>
  )
}
