import type { ScenarioStep } from '../../core/api/kinds/scenario.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { lessonText } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { type LessonStep, lessonStepOf } from './steps.ts'
import './lesson.css'

/** The scene's lesson: what it is about, its requests, and its steps, each to be done with a click. */
export function LessonPanel() {
  const messages = useText()
  const { lesson: t } = messages.shell
  const workbench = useWorkbench()
  const scenario = useSelect((state) => state.live?.scenario)
  const text = useSelect(lessonText)
  if (!scenario) return <p className="empty">{t.none}</p>
  return (
    <div className="lesson">
      <h2>{scenario.title[messages.language] ?? scenario.title['en'] ?? scenario.name}</h2>
      {text && <p className="lesson-text">{text}</p>}
      {scenario.requests.length > 0 && (
        <>
          <h3>{t.requests}</h3>
          <ul>
            {scenario.requests.map((request) => (
              <li key={request.name ?? `${request.from} ${request.to}`}>
                <Button
                  onClick={() => {
                    workbench.replaceRequest(request)
                    void workbench.send()
                  }}
                >
                  {t.stepNames.send(request.name ?? request.to)}
                </Button>
                <code>
                  {request.from} → {request.to}
                </code>
              </li>
            ))}
          </ul>
        </>
      )}
      {scenario.steps.length > 0 && (
        <>
          <h3>{t.steps}</h3>
          <ol>
            {scenario.steps.map((step, i) => (
              // A scenario's steps are told by their order.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <li key={i}>
                <Step step={lessonStepOf(step as ScenarioStep, messages)} />
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  )
}

function Step({ step }: { readonly step: LessonStep }) {
  const workbench = useWorkbench()
  const wanted = step.shows === 'send' ? step.request : undefined
  const request = useSelect((state) => state.live?.scenario?.requests.find((entry) => entry.name === wanted))
  if (step.shows === 'text') return <p>{step.text}</p>
  const run = () => {
    if (step.shows === 'act') return void workbench.act(step.act)
    if (!request) return
    workbench.replaceRequest(request)
    void workbench.send()
  }
  return <Button onClick={run}>{step.label}</Button>
}
