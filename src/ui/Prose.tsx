import { Address, type AddressProps } from './Address.tsx'

type ProseProps = { readonly text: string; readonly kindOf: (ip: string) => AddressProps['kind']; readonly bare?: boolean }

// IPv4 with an optional port; IPv6 in brackets with one, or bare with at least two colons.
const ADDRESS =
  /(\[[0-9a-f:.]+\]:\d+|(?<![\w.:-])(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?(?![\w.]*\w\/)|(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:]))/

/** A sentence in which every address is shown as one. */
export function Prose({ text, kindOf, bare }: ProseProps) {
  return text.split(ADDRESS).map((part, i) => {
    if (i % 2 === 0 || part === '') return part
    const { ip, port } = takeApart(part)
    // The parts of one text have no identity but their place in it.
    // biome-ignore lint/suspicious/noArrayIndexKey: see above
    return <Address key={i} ip={ip} port={port} kind={kindOf(ip)} bare={bare ?? false} />
  })
}

function takeApart(text: string): { ip: string; port: string | undefined } {
  const bracket = /^\[(.+)\]:(\d+)$/.exec(text)
  if (bracket) return { ip: bracket[1] ?? '', port: bracket[2] }
  const v4 = /^([\d.]+):(\d+)$/.exec(text)
  return v4 ? { ip: v4[1] ?? '', port: v4[2] } : { ip: text, port: undefined }
}
