import { X } from 'lucide-react'
import { useEffect } from 'react'
import { useSelect, useText, useWorkbench } from '../../store/hooks.tsx'
import { addressesOf, currentEvent, shownEvents } from '../../store/select.ts'
import type { Notice } from '../../store/state.ts'
import { Button } from '../../ui/Button.tsx'
import { placeText, sentenceOf } from '../../view/story.ts'

/** Messages that come and can be sent away. */
export function Notices() {
  const messages = useText()
  const notices = useSelect((state) => state.notices)
  const crash = useSelect((state) => state.crash)
  const progress = useSelect((state) => state.progress)
  const sending = useSelect((state) => state.sending)
  const { stopSending } = useWorkbench()
  return (
    <div className="notices">
      {crash !== undefined && (
        <div className="notice" role="alert">
          {messages.shell.notices.crash} <code>{crash}</code>
        </div>
      )}
      {progress && (
        <div className="notice" role="status">
          {messages.shell.notices.loading(progress.done, progress.of)}
        </div>
      )}
      {sending && (
        <div className="notice" role="status" data-testid="sending">
          {messages.shell.notices.sending(sending.done, sending.of)}
          <progress value={sending.done} max={sending.of} />
          <Button look="plain" data-testid="sending-stop" onClick={stopSending}>
            {messages.shell.notices.stopSending}
          </Button>
        </div>
      )}
      {notices.map((notice) => (
        <NoticeLine key={notice.id} notice={notice} />
      ))}
    </div>
  )
}

/** How long a mere status stays. */
const STATUS_MS = 8000

function NoticeLine({ notice }: { readonly notice: Notice }) {
  const messages = useText()
  const { dismissNotice } = useWorkbench()
  useEffect(() => {
    if (notice.role === 'alert') return
    const timer = setTimeout(() => dismissNotice(notice.id), STATUS_MS)
    return () => clearTimeout(timer)
  }, [notice, dismissNotice])
  return (
    <div className="notice" role={notice.role}>
      <span>{notice.text(messages)}</span>
      <Button look="plain" square aria-label={messages.shell.close} onClick={() => dismissNotice(notice.id)}>
        <X size={14} aria-hidden="true" />
      </Button>
    </div>
  )
}

/** Says each event to those who listen to the page. */
export function Announcer() {
  const messages = useText()
  const event = useSelect(currentEvent)
  const length = useSelect((state) => shownEvents(state).length)
  const index = useSelect((state) => state.index)
  const book = useSelect(addressesOf)
  const said = event ? messages.story.announce(index, length, placeText(event.place, messages), sentenceOf(event, book, messages)) : ''
  return (
    <div className="visually-hidden" aria-live="polite" data-testid="announcer">
      {said}
    </div>
  )
}
