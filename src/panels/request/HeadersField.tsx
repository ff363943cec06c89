import { useText, useWorkbench } from '../../store/hooks.tsx'
import { HeadersPopover } from '../../ui/HeadersPopover.tsx'

type HeadersFieldProps = { readonly headers: Readonly<Record<string, string>> }

/** The request's HTTP headers, behind a button that says the Host and how many others there are. */
export function HeadersField({ headers }: HeadersFieldProps) {
  const { request: t } = useText().shell
  const { setRequest } = useWorkbench()
  const entries = Object.entries(headers)
  const host = entries.find(([name]) => name.toLowerCase() === 'host')?.[1]
  return (
    <HeadersPopover
      headers={headers}
      label={t.headers}
      hint={t.headersHint}
      placeholder={'Host: shop.example\nCookie: canary=always'}
      className="request-headers"
      boxClassName="request-headers-box"
      onChange={(changed) => setRequest({ headers: changed })}
      button={
        <>
          {host ? `Host: ${host}` : t.headers}
          {entries.length > (host ? 1 : 0) && <span className="count">{entries.length}</span>}
        </>
      }
    />
  )
}
