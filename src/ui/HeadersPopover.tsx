import { type ReactNode, useState } from 'react'
import { printHeaders, readHeaders } from './headers.ts'
import { Popover } from './Popover.tsx'

type HeadersPopoverProps = {
  readonly headers: Readonly<Record<string, string>>
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  /** What stands on the button. */
  readonly button: ReactNode
  readonly className?: string
  readonly boxClassName?: string
  readonly onChange: (headers: Readonly<Record<string, string>>) => void
}

/** HTTP headers, one `Name: value` a line, in a box under a button; they are taken when the box closes. */
export function HeadersPopover({ headers, hint, placeholder, onChange, ...rest }: HeadersPopoverProps) {
  const [text, setText] = useState('')
  return (
    <Popover {...rest} onOpen={() => setText(printHeaders(headers))} onClose={() => onChange(readHeaders(text))}>
      {() => (
        <>
          <textarea
            className="field mono"
            aria-label={hint}
            placeholder={placeholder}
            rows={4}
            cols={36}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <p>{hint}</p>
        </>
      )}
    </Popover>
  )
}
