import type { RequestSpec } from '../../core/sim/session.ts'
import { useText, useWorkbench } from '../../store/hooks.tsx'
import type { Target } from '../../store/target.ts'
import { HeadersField } from './HeadersField.tsx'

const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS']
const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const
const COUNTS: readonly number[] = [1, 2, 10, 100, 1000, 10_000]

type HowFieldsProps = { readonly request: RequestSpec; readonly target: Target }

/** How the request is made: what is offered depends on where it goes. */
export function HowFields({ request, target }: HowFieldsProps) {
  const { request: t } = useText().shell
  const { setRequest } = useWorkbench()
  const count = request.count ?? 1
  return (
    <>
      {target.target === 'url' && (
        <>
          <select
            className="field"
            aria-label={t.method}
            data-testid="request-method"
            value={request.method ?? 'GET'}
            onChange={(event) => setRequest({ method: event.target.value })}
          >
            {METHODS.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
          <HeadersField headers={request.headers ?? {}} />
        </>
      )}
      {target.target === 'address' && (
        <select
          className="field"
          aria-label={t.protocol}
          data-testid="request-protocol"
          value={request.protocol ?? 'tcp'}
          onChange={(event) => setRequest({ protocol: event.target.value as 'tcp' | 'udp' | 'sctp' })}
        >
          {PROTOCOLS.map((protocol) => (
            <option key={protocol} value={protocol}>
              {protocol.toUpperCase()}
            </option>
          ))}
        </select>
      )}
      {target.target !== 'nslookup' && (
        <select
          className="field"
          aria-label={t.connection}
          data-testid="request-connection"
          value={request.connection ?? 'new'}
          onChange={(event) => setRequest({ connection: event.target.value as 'new' | 'keep-alive' })}
        >
          <option value="new">{t.connections.new}</option>
          <option value="keep-alive">{t.connections['keep-alive']}</option>
        </select>
      )}
      <select
        className="field"
        aria-label={t.count}
        data-testid="request-count"
        value={count}
        onChange={(event) => setRequest({ count: Number(event.target.value) })}
      >
        {[...new Set([...COUNTS, count])]
          .sort((a, b) => a - b)
          .map((times) => (
            <option key={times} value={times}>
              ×{times}
            </option>
          ))}
      </select>
    </>
  )
}
