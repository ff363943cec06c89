import { CircleAlert, Info, TriangleAlert } from 'lucide-react'
import type { Diagnostic } from '../../core/source/diagnostic.ts'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { placeIn } from '../../store/select.ts'
import { Button } from '../../ui/Button.tsx'
import { problemText } from '../../view/story.ts'
import './problems.css'

const ICONS = { error: CircleAlert, warning: TriangleAlert, info: Info }
const MOST = 300

/** Everything that is wrong with the YAML, in the words of who would complain, and a way to each place. */
export function ProblemsPanel() {
  const { problems: t } = useText().shell
  const diagnostics = useSelect((state) => state.diagnostics)
  const open = useSelect((state) => state.problemsOpen)
  if (diagnostics.length === 0 || !open) return null
  return (
    <ul id="problems" className="problems" aria-label={t.title}>
      {diagnostics.slice(0, MOST).map((diagnostic) => (
        <Problem
          key={`${diagnostic.code} ${diagnostic.range.file} ${diagnostic.range.start} ${diagnostic.message}`}
          diagnostic={diagnostic}
        />
      ))}
    </ul>
  )
}

function Problem({ diagnostic }: { readonly diagnostic: Diagnostic }) {
  const messages = useText()
  const { problems: t } = messages.shell
  const workbench = useWorkbench()
  const { code, severity, range, fix, field } = diagnostic
  const place = useSelect((state) => placeIn(state, range).line)
  const Icon = ICONS[severity]
  const { title, sentence } = problemText(diagnostic, messages)
  return (
    <li data-testid={`problem/${code}`} data-severity={severity}>
      <button type="button" className="problem-go" onClick={() => workbench.revealRange(range)}>
        <Icon size={15} aria-label={t[severity]} />
        <span>
          {title && <strong>{title}: </strong>}
          <span className="problem-message">{sentence}</span>
          <span className="problem-where">
            <code>{code}</code> {range.file} · {t.line(place)}
            {field ? ` · ${field}` : ''}
          </span>
        </span>
      </button>
      {fix && <Button onClick={() => workbench.applyFix(fix.range, fix.text)}>{t.fix(fix.title)}</Button>}
    </li>
  )
}
