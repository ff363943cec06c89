import { useSelect } from '../../store/hooks.tsx'
import { proxyOf } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'
import type { ClientBox } from '../../view/graph.ts'
import { fitted, linesIn, NAME } from '../../view/words.ts'
import { Box } from './Box.tsx'
import { Ended, endedAt } from './PodCard.tsx'
import { type StageView, useStage } from './stageContext.ts'

/** How wide a name may be there. */
function roomIn({ metrics, scale, small }: StageView): number {
  return (metrics.clientW - (small ? 18 : 32)) / scale
}

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
      <span className="pod-name" title={client.name}>
        {fitted(client.name, roomIn(stage), NAME)}
      </span>
      {linesIn(stage.metrics.clientH, stage.scale) > 0 &&
        (ended ? <Ended code={ended} /> : <Address bare ip={client.ip} kind="external" />)}
    </Box>
  )
}

/** The load balancer in front of the nodes, or the internet behind them. A Gateway that the request passes stands there by its name. */
export function PlaceCard({ place }: { readonly place: 'balancer' | 'internet' }) {
  const stage = useStage()
  const { t } = stage
  const proxy = useSelect(proxyOf)
  const [kind = '', , name = ''] = place === 'balancer' && proxy !== undefined ? proxy.split('/') : []
  return (
    <div className="stage-box outside" data-testid={place === 'balancer' ? 'load-balancer' : 'internet'}>
      <span className="pod-name" title={name === '' ? undefined : t.proxyOf(kind, name)}>
        {fitted(name === '' ? t[place] : `${kind} ${name}`, roomIn(stage), NAME)}
      </span>
    </div>
  )
}
