import { ChevronLeft, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import type { ModeId } from '../../core/kernel/program.ts'
import type { RequestTrace } from '../../core/trace/trace.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { kindOfAddress } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { Prose } from '../../ui/Prose.tsx'
import { Lanes } from './Lanes.tsx'
import { type Difference, differencesOf, stationsOf } from './lanes.ts'
import './compare.css'

const MODES: readonly ModeId[] = ['iptables', 'nftables', 'ipvs']

/** One request raced under two or three modes: synchronised lanes, and one line that says what differs. */
export function ComparePanel() {
  const { shell, details } = useText()
  const { compare: t } = shell
  const { race } = details
  const { compare } = useWorkbench()
  const compared = useSelect((state) => state.compared)
  const [running, setRunning] = useState(false)
  const [chosen, setChosen] = useState<ReadonlySet<ModeId>>(new Set(MODES))
  const run = async () => {
    setRunning(true)
    await compare()
    setRunning(false)
  }
  const toggle = (mode: ModeId) => setChosen(new Set(MODES.filter((one) => (one === mode ? !chosen.has(one) : chosen.has(one)))))
  const traces = new Map([...(compared ?? [])].filter(([mode]) => chosen.has(mode)))
  return (
    <div className="compare">
      <div className="compare-bar">
        <Button disabled={running} onClick={() => void run()}>
          {running ? t.running : t.run}
        </Button>
        <fieldset className="compare-modes" aria-label={race.modes}>
          {MODES.map((mode) => (
            <label key={mode}>
              <input type="checkbox" checked={chosen.has(mode)} onChange={() => toggle(mode)} />
              {mode}
            </label>
          ))}
        </fieldset>
        {!compared && <span className="compare-intro">{t.intro}</span>}
      </div>
      {compared && (traces.size < 2 ? <p className="empty">{race.atLeastTwo}</p> : <Race traces={traces} />)}
    </div>
  )
}

function Race({ traces }: { readonly traces: ReadonlyMap<ModeId, RequestTrace> }) {
  const { race } = useText().details
  const stations = stationsOf(traces)
  const [at, setAt] = useState<number>()
  const done = Math.min(at ?? stations.length, stations.length)
  return (
    <>
      <DifferenceLine traces={traces} />
      <div className="compare-steps">
        <Button square aria-label={race.back} title={race.back} disabled={done <= 1} onClick={() => setAt(Math.max(1, done - 1))}>
          <ChevronLeft size={16} aria-hidden="true" />
        </Button>
        <Button square aria-label={race.on} title={race.on} disabled={done >= stations.length} onClick={() => setAt(done + 1)}>
          <ChevronRight size={16} aria-hidden="true" />
        </Button>
        <span role="status">{race.step(done, stations.length)}</span>
        {done < stations.length && (
          <Button look="link" onClick={() => setAt(undefined)}>
            {race.all}
          </Button>
        )}
      </div>
      <Lanes modes={[...traces.keys()]} stations={stations} done={done} />
    </>
  )
}

function DifferenceLine({ traces }: { readonly traces: ReadonlyMap<ModeId, RequestTrace> }) {
  const { shell, details } = useText()
  const { compare: t } = shell
  const all = differencesOf(traces)
  const ends = all.find(({ what }) => what === 'verdict')
  return (
    <p className="compare-difference" data-testid="compare-difference" role="status">
      <strong>{ends?.same ? t.same : t.differ}</strong>
      {all.map((difference) => (
        <span key={difference.what} data-same={difference.same}>
          {difference.same ? '' : <span aria-hidden="true">≠ </span>}
          {difference.same ? (
            <Value
              text={details.race.same(t[difference.what], wordOf(difference, firstOf(difference), details.race.rules, shell.packet.nobody))}
            />
          ) : (
            <>
              {t[difference.what]}:{' '}
              {[...difference.values].map(([mode, value], i) => (
                <span key={mode}>
                  {i > 0 && ' · '}
                  {mode} <Value text={wordOf(difference, value, details.race.rules, shell.packet.nobody)} />
                </span>
              ))}
            </>
          )}
        </span>
      ))}
    </p>
  )
}

function Value({ text }: { readonly text: string }) {
  const kindOf = useSelect(kindOfAddress)
  return <Prose text={text} kindOf={kindOf} bare />
}

const firstOf = ({ values }: Difference) => [...values.values()][0] ?? ''

function wordOf({ what }: Difference, value: string, rules: (matched: number, missed: number) => string, nobody: string): string {
  if (what === 'rules') {
    const [matched = 0, missed = 0] = value.split(' ').map(Number)
    return rules(matched, missed)
  }
  return value === '' ? nobody : value
}
