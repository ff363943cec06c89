import { type ReactNode, useId, useRef, useState } from 'react'
import { Button } from './Button.tsx'

type PopoverProps = {
  readonly label: string
  readonly title?: string
  readonly className?: string
  readonly boxClassName?: string
  /** What stands on the button. */
  readonly button: ReactNode
  /** What is in the box; it is made anew whenever the box opens. `close` closes it. */
  readonly children: (close: () => void) => ReactNode
  readonly onOpen?: () => void
  readonly onClose?: () => void
}

/** A button with a box under it: the browser's own popover, so Escape and a click elsewhere close it. */
export function Popover({ label, title, className, boxClassName, button, children, onOpen, onClose }: PopoverProps) {
  const id = useId()
  const trigger = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const [place, setPlace] = useState({ left: 0, top: 0 })
  const close = () => box.current?.hidePopover()
  return (
    <>
      <Button
        ref={trigger}
        {...(className ? { className } : {})}
        title={title ?? label}
        popoverTarget={id}
        aria-expanded={open}
        aria-haspopup="dialog"
        onClick={() => {
          const at = trigger.current?.getBoundingClientRect()
          if (at) setPlace({ left: Math.max(8, Math.min(at.left, window.innerWidth - 380)), top: at.bottom + 4 })
        }}
      >
        {button}
      </Button>
      <div
        ref={box}
        id={id}
        popover="auto"
        role="dialog"
        aria-label={label}
        className={`menu popover ${boxClassName ?? ''}`}
        style={place.top > window.innerHeight * 0.6 ? { left: place.left, bottom: window.innerHeight - place.top + 40 } : place}
        onToggle={(event) => {
          const opened = event.newState === 'open'
          setOpen(opened)
          if (opened) onOpen?.()
          else onClose?.()
        }}
      >
        {open && children(close)}
      </div>
    </>
  )
}
