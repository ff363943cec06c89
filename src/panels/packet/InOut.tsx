import type { Packet } from '../../core/kernel/packet.ts'
import type { Step } from '../../core/trace/trace.ts'
import { useSelect, useText } from '../../store/hooks.tsx'
import type { TraceEvent } from '../../store/playback.ts'
import { kindOfAddress } from '../../store/select.ts'
import { Address } from '../../ui/Address.tsx'
import { packetAfter } from '../../view/story.ts'

type InOutProps = { readonly events: readonly TraceEvent[]; readonly index: number }

/** The packet as it came to this place, and as it is now. Changed fields are marked; unchanged ones stay quiet. */
export function InOut({ events, index }: InOutProps) {
  const { packet: t } = useText().shell
  const here = events[index - 1]
  if (!here) return null
  const visit = visitOf(events, index)
  const packets = visit.flatMap((event) => bothPackets(event.step))
  const came = packets[0]
  const now = packets.at(-1)
  const track = visit.findLast((event) => event.step.step === 'track')?.step
  if (!came || !now) return null
  return (
    <div className="packet-part">
      <h2>{t.inOut}</h2>
      <dl className="packet-fields">
        <Side label={t.src} before={{ ip: came.src, port: came.sport }} after={{ ip: now.src, port: now.sport }} />
        <Side label={t.dst} before={{ ip: came.dst, port: came.dport }} after={{ ip: now.dst, port: now.dport }} />
        <Plain label={t.protocol} before={wireOf(came)} after={wireOf(now)} />
        {track?.step === 'track' && <Plain label={t.state} before={track.state} after={track.state} />}
        <Plain label={t.ttl} before={String(came.ttl)} after={String(now.ttl)} />
        {(came.mark !== 0 || now.mark !== 0) && <Plain label={t.mark} before={hex(came.mark)} after={hex(now.mark)} />}
      </dl>
    </div>
  )
}

/** The events of the current stay at a place: from its first event up to the current one. */
function visitOf(events: readonly TraceEvent[], index: number): readonly TraceEvent[] {
  const here = events[index - 1]
  return events.slice(0, index).filter((event) => event.hop === here?.hop)
}

function bothPackets(step: Step): readonly Packet[] {
  if (step.step === 'rewrite') return [step.before, step.after]
  const packet = packetAfter(step)
  return packet ? [packet] : []
}

const wireOf = (packet: Packet) => {
  const detail = packet.flags ?? packet.message?.icmp
  return detail ? `${packet.protocol} ${detail}` : packet.protocol
}
const hex = (mark: number) => `0x${mark.toString(16)}`

type End = { readonly ip: string; readonly port: number }

function Side({ label, before, after }: { readonly label: string; readonly before: End; readonly after: End }) {
  const { packet: t } = useText().shell
  const kindOf = useSelect(kindOfAddress)
  const changed = before.ip !== after.ip || before.port !== after.port
  return (
    <>
      <dt>{label}</dt>
      <dd data-changed={changed}>
        {changed && (
          <s>
            <span className="visually-hidden">{t.was} </span>
            <Address {...before} kind={kindOf(before.ip)} bare />
          </s>
        )}
        <span className={changed ? 'packet-changed' : undefined}>
          {changed && <span title={t.changed}>✎ </span>}
          <Address {...after} kind={kindOf(after.ip)} bare />
        </span>
      </dd>
    </>
  )
}

function Plain({ label, before, after }: { readonly label: string; readonly before: string; readonly after: string }) {
  const { packet: t } = useText().shell
  const changed = before !== after
  return (
    <>
      <dt>{label}</dt>
      <dd data-changed={changed} className="mono">
        {changed && (
          <s>
            <span className="visually-hidden">{t.was} </span>
            {before}
          </s>
        )}
        <span className={changed ? 'packet-changed' : undefined}>
          {changed && '✎ '}
          {after}
        </span>
      </dd>
    </>
  )
}
