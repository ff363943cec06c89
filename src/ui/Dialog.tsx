import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { Button } from './Button.tsx'

type DialogProps = {
  readonly title: string
  readonly closeLabel: string
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  /** As large as the window allows. */
  readonly large?: boolean
  readonly children: ReactNode
}

/** A dialog above the page, the browser's own: it keeps the focus, and Escape closes it. */
export function Dialog({ title, closeLabel, open, onOpenChange, large, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    if (open) dialog.current?.showModal()
    else dialog.current?.close()
  }, [open])
  return (
    <dialog ref={dialog} className={large ? 'dialog dialog-large' : 'dialog'} aria-labelledby={id} onClose={() => onOpenChange(false)}>
      {open && (
        <>
          <div className="dialog-head">
            <h2 className="dialog-title" id={id}>
              {title}
            </h2>
            <Button look="plain" square aria-label={closeLabel} onClick={() => onOpenChange(false)}>
              <X size={16} aria-hidden="true" />
            </Button>
          </div>
          {children}
        </>
      )}
    </dialog>
  )
}
