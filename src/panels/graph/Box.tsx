import type { CSSProperties, ReactNode } from 'react'
import type { ObjectKey } from '../../core/api/meta.ts'
import { useStage } from './stageContext.ts'

type BoxProps = {
  readonly object: ObjectKey
  readonly testId: string
  readonly label: string
  readonly className: string
  readonly state?: string | undefined
  readonly style?: CSSProperties
  readonly title?: string | undefined
  readonly children: ReactNode
}

/** An object on the stage: a button that opens its YAML, with its problems, its name for assistive technology and its place in Tab order. */
export function Box({ object, testId, label, className, state, style, title, children }: BoxProps) {
  const stage = useStage()
  const problems = stage.problems.get(object) ?? []
  const classes = [
    'stage-box',
    className,
    stage.selected === object ? 'is-selected' : '',
    stage.linked.has(object) ? 'is-linked' : '',
    problems.length > 0 ? 'has-problem' : '',
  ]
  return (
    <button
      type="button"
      className={classes.filter(Boolean).join(' ')}
      data-testid={testId}
      data-state={state}
      data-box={testId}
      aria-label={problems.length > 0 ? `${label}. ${stage.t.problems(problems.length)}: ${problems.join('; ')}` : label}
      aria-pressed={stage.selected === object}
      tabIndex={stage.focused === testId ? 0 : -1}
      style={style}
      title={title}
      onClick={() => stage.onPick(object)}
      onPointerEnter={() => stage.onHover(object)}
      onPointerLeave={() => stage.onHover(undefined)}
    >
      {children}
      {problems.length > 0 && (
        <span className="stage-problem" title={problems.join('\n')} aria-hidden="true">
          !
        </span>
      )}
    </button>
  )
}
