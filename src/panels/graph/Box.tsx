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
  /** Where boxes are many: the words are painted from here, and the box is one element. */
  readonly look?: string
  readonly children?: ReactNode
}

/** An object on the stage: a button that opens its YAML, with its problems, its name for assistive technology and its place in Tab order. */
export function Box({ object, testId, label, className, state, style, title, look, children }: BoxProps) {
  const stage = useStage()
  const problems = stage.problems.get(object) ?? []
  const name = problems.length > 0 ? `${label}. ${stage.t.problems(problems.length)}: ${problems.join('; ')}` : label
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
      aria-label={look === undefined ? undefined : name}
      data-look={look}
      aria-pressed={stage.selected === object}
      tabIndex={stage.focused === testId ? 0 : -1}
      style={style}
      title={title}
      onClick={() => stage.onPick(object)}
      onPointerEnter={() => stage.onHover(object)}
      onPointerLeave={() => stage.onHover(undefined)}
    >
      {look === undefined && (
        <>
          <span className="visually-hidden">{name}</span>
          <span className="stage-look" aria-hidden="true">
            {children}
            {problems.length > 0 && (
              <span className="stage-problem" title={problems.join('\n')}>
                !
              </span>
            )}
          </span>
        </>
      )}
    </button>
  )
}
