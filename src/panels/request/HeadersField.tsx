import { useState } from 'react'
import { useText, useWorkbench } from '../../store/hooks.tsx'
import { Popover } from '../../ui/Popover.tsx'

type HeadersFieldProps = { readonly headers: Readonly<Record<string, string>> }

/** HTTP headers, one `Name: value` a line, behind a button that says how many there are. */
export function HeadersField({ headers }: HeadersFieldProps) {
  const { request: t } = useText().shell
  const { setRequest } = useWorkbench()
  const [text, setText] = useState('')
  const entries = Object.entries(headers)
  const host = entries.find(([name]) => name.toLowerCase() === 'host')?.[1]
  const print = () => entries.map(([name, value]) => `${name}: ${value}`).join('\n')
  return (
    <Popover
      label={t.headers}
      className="request-headers"
      boxClassName="request-headers-box"
      onOpen={() => setText(print())}
      onClose={() => setRequest({ headers: parse(text) })}
      button={
        <>
          {host ? `Host: ${host}` : t.headers}
          {entries.length > (host ? 1 : 0) && <span className="count">{entries.length}</span>}
        </>
      }
    >
      {() => (
        <>
          <textarea
            className="field mono"
            aria-label={t.headersHint}
            placeholder={'Host: shop.example\nCookie: canary=always'}
            rows={4}
            cols={36}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <p>{t.headersHint}</p>
        </>
      )}
    </Popover>
  )
}

/** Lines without a colon or a name are left out. */
function parse(text: string): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const [name, ...value] = line.split(':')
    if (name?.trim() && value.length > 0) headers[name.trim()] = value.join(':').trim()
  }
  return headers
}
