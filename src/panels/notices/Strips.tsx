import { X } from 'lucide-react'
import { Fragment, type ReactNode } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import type { RouteDiff } from '../../store/routediff.ts'
import { firstError, kindOfAddress, routeDiff } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { Prose } from '../../ui/Prose.tsx'
import './notices.css'

/** The lines above the stage: the text is broken, the edit changed the way, an earlier run is shown. */
export function Strips() {
  return (
    <>
      <LastValid />
      <PastRun />
      <Rerouted />
    </>
  )
}

function LastValid() {
  const { strips: t } = useText().shell
  const workbench = useWorkbench()
  const stale = useSelect((state) => state.stale)
  const error = useSelect(firstError)
  if (!stale) return null
  return (
    <div className="strip" data-look="bad" role="status" data-testid="last-valid">
      <span aria-hidden="true">⚠</span>
      {error ? (
        <button type="button" className="button" data-look="link" onClick={() => workbench.revealRange(error.range)}>
          {t.lastValid(error.line, error.message)}
        </button>
      ) : (
        t.lastValidPlain
      )}
    </div>
  )
}

function PastRun() {
  const { strips: t } = useText().shell
  const workbench = useWorkbench()
  const past = useSelect(
    (state) => state.run !== undefined && state.history.at(-1) !== undefined && state.history.at(-1)?.id !== state.run.id,
  )
  const last = useSelect((state) => state.history.at(-1)?.id)
  if (!past || last === undefined) return null
  return (
    <div className="strip" role="status">
      {t.past}{' '}
      <Button look="link" onClick={() => workbench.showRun(last)}>
        {t.backToNow}
      </Button>
    </div>
  )
}

function Rerouted() {
  const { strips: t } = useText().shell
  const workbench = useWorkbench()
  const diff = useSelect(routeDiff)
  if (!diff) return null
  const parts = partsOf(diff, t)
  return (
    <div className="strip" data-look="mark" role="status" data-testid="route-diff">
      <span aria-hidden="true">Δ</span>
      <strong>{parts.length === 0 ? t.routeSame : t.routeChanged}</strong>
      {parts.map((part, i) => (
        <Fragment key={part.key}>
          {i > 0 && <span aria-hidden="true"> · </span>}
          <span>{part.text}</span>
        </Fragment>
      ))}
      <Button look="plain" square className="strip-close" aria-label={t.dismiss} title={t.dismiss} onClick={workbench.dismissGhost}>
        <X size={14} aria-hidden="true" />
      </Button>
    </div>
  )
}

type Words = ReturnType<typeof useText>['shell']['strips']

function partsOf(diff: RouteDiff, t: Words): readonly { readonly key: string; readonly text: ReactNode }[] {
  const arrow = (key: string, label: string, change: { readonly before: string | undefined; readonly after: string | undefined }) => ({
    key,
    text: <Change label={label} before={change.before ?? t.nobody} after={change.after ?? t.nobody} />,
  })
  return [
    ...(diff.verdict ? [arrow('verdict', t.verdict, diff.verdict)] : []),
    ...(diff.endpoints ? [{ key: 'endpoints', text: t.endpoints(diff.endpoints.before, diff.endpoints.after) }] : []),
    ...(diff.backend ? [arrow('backend', t.backend, diff.backend)] : []),
    ...(diff.seenSource?.after !== undefined ? [arrow('source', t.source, diff.seenSource)] : []),
    ...(diff.places && !diff.backend && !diff.verdict
      ? [arrow('way', t.way, { before: diff.places.before.join(', '), after: diff.places.after.join(', ') })]
      : []),
  ]
}

function Change({ label, before, after }: { readonly label: string; readonly before: string; readonly after: string }) {
  const kindOf = useSelect(kindOfAddress)
  return (
    <>
      {label} <Prose text={before} kindOf={kindOf} bare /> → <Prose text={after} kindOf={kindOf} bare />
    </>
  )
}
