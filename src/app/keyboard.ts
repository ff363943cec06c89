import type { Workbench } from '../store/store.ts'

/** The page's keys (contract, section 3). None works while text is being typed, or where a control needs the key itself. */
export function startKeyboard(workbench: Workbench): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
    if (document.querySelector('dialog[open], [popover]:popover-open') && event.key !== '?') return
    if (ownsKey(event.target, event.key)) return
    const act = actionOf(event, workbench)
    if (!act) return
    event.preventDefault()
    act()
  })
  // A button that was clicked with the mouse would take Space for itself: it is for play and pause.
  document.addEventListener('click', (event) => {
    const { activeElement } = document
    if (event.detail > 0 && activeElement instanceof HTMLButtonElement && !activeElement.closest('dialog, [popover]')) activeElement.blur()
  })
}

function actionOf(event: KeyboardEvent, workbench: Workbench): (() => void) | undefined {
  const length = () => Number.MAX_SAFE_INTEGER
  switch (event.key) {
    case ' ':
      return workbench.togglePlay
    case 'ArrowRight':
      return event.shiftKey ? () => workbench.stepHop(1) : () => workbench.step(1)
    case 'ArrowLeft':
      return event.shiftKey ? () => workbench.stepHop(-1) : () => workbench.step(-1)
    case 'PageDown':
      return () => workbench.step(1)
    case 'PageUp':
      return () => workbench.step(-1)
    case '.':
      return workbench.nextRewrite
    case 'Home':
      return () => workbench.seek(0)
    case 'End':
      return () => workbench.seek(length())
    case 'r':
    case 'R':
      return () => void workbench.send()
    case '+':
    case '=':
      return () => workbench.changeSpeed(1)
    case '-':
      return () => workbench.changeSpeed(-1)
    case 'f':
    case 'F':
      return workbench.fit
    case 'p':
    case 'P':
      return () => workbench.setPresent(!workbench.store.getState().present)
    case '?':
      return () => workbench.setHelp(!workbench.store.getState().helpOpen)
    case 'Escape':
      return workbench.dismissGhost
    default:
      return undefined
  }
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target.closest('.monaco-editor')) return true
  return target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type)
}

const ROVING = '[role="tab"], [role="radio"], [role="menuitemradio"], [role="separator"], select'

/** Whether the focused control has a use of its own for the key. */
function ownsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (key === ' ') return target.closest('button, summary, a, input, select, [role="button"]') !== null
  if (key.startsWith('Arrow') || key === 'Home' || key === 'End' || key.startsWith('Page')) return target.closest(ROVING) !== null
  return target instanceof HTMLSelectElement && key.length === 1
}
