import { useSelect } from '../../store/hooks.tsx'
import { proxyOf } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'
import type { ClientBox } from '../../view/graph.ts'
import { Box } from './Box.tsx'
import { Ended, endedAt } from './PodCard.tsx'
import { useStage } from './stageContext.ts'

/** Somebody outside the cluster. */
export function ClientCard({ client }: { readonly client: ClientBox }) {
  const stage = useStage()
  const { t } = stage
  const ended = endedAt(stage, 'client', client.name)
  return (
    <Box
      object={`Client//${client.name}`}
      testId={`client/${client.name}`}
      label={t.describeClient(client.name, client.ip)}
      className="outside"
    >
      <span className="pod-name">{client.name}</span>
      {ended ? <Ended code={ended} /> : <Address bare ip={client.ip} kind="external" />}
    </Box>
  )
}

/** The load balancer in front of the nodes, or the internet behind them. A Gateway that the request passes stands there by its name. */
export function PlaceCard({ place }: { readonly place: 'balancer' | 'internet' }) {
  const { t } = useStage()
  const proxy = useSelect(proxyOf)
  const [kind = '', , name = ''] = place === 'balancer' && proxy !== undefined ? proxy.split('/') : []
  return (
    <div className="stage-box outside" data-testid={place === 'balancer' ? 'load-balancer' : 'internet'}>
      <span className="pod-name" title={name === '' ? undefined : t.proxyOf(kind, name)}>
        {name === '' ? t[place] : `${kind} ${name}`}
      </span>
    </div>
  )
}
