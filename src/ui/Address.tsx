/** The kind of an address, told by colour, outline, shape and letter at once: never by colour alone. */
export type AddressProps = {
  readonly ip: string
  readonly port?: number | string | undefined
  readonly kind: 'node-ip' | 'pod-ip' | 'cluster-ip' | 'external'
  /** Without an outline, where many stand in a row. */
  readonly bare?: boolean
  readonly title?: string | undefined
}

const PREFIX = { 'node-ip': 'N', 'pod-ip': 'P', 'cluster-ip': 'V', external: '' } as const

/** One IP address, with a port if there is one; IPv6 gets its brackets before a port. */
export function Address({ ip, port, kind, bare, title }: AddressProps) {
  const text = port === undefined || port === 0 ? ip : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
  return (
    <span
      className={`address address-kind-${kind}${bare ? ' address-bare' : ''}`}
      data-kind={kind === 'external' ? undefined : kind}
      title={title}
    >
      {PREFIX[kind] && (
        <span className="address-prefix" aria-hidden="true">
          {PREFIX[kind]}
        </span>
      )}
      <span>{text}</span>
    </span>
  )
}
