import type { EndpointAddress, EndpointSubset, EndpointsPort } from '../../api/kinds/endpoints.ts'
import type { EndpointPort, ObjectReference } from '../../api/kinds/endpointslice.ts'
import { utf8Bytes } from '../../base/text.ts'

const MEMO = 10_000
const MEMO_TEXT = 500
const known = new Map<string, string>()

/** 128-bit FNV-1a of a text as 32 hexadecimal digits. */
export function fnv1a128(text: string): string {
  const cached = known.get(text)
  if (cached !== undefined) return cached
  const hex = hashed(utf8Bytes(text))
  if (known.size > MEMO) known.clear()
  if (text.length < MEMO_TEXT) known.set(text, hex)
  return hex
}

/** In four limbs of 32 bits, lowest first. The prime is 2^88 + 0x13b, so a product is a shift and a small multiplication. */
function hashed(bytes: Uint8Array): string {
  let [a, b, c, d] = [0x6295c58d, 0x62b82175, 0x07bb0142, 0x6c62272e]
  for (const byte of bytes) {
    a = (a ^ byte) >>> 0
    const low = a * 0x13b
    const second = b * 0x13b + Math.floor(low / 2 ** 32)
    const third = c * 0x13b + Math.floor(second / 2 ** 32) + ((a << 24) >>> 0)
    const fourth = d * 0x13b + Math.floor(third / 2 ** 32) + (((a >>> 8) | (b << 24)) >>> 0)
    a = low >>> 0
    b = second >>> 0
    c = third >>> 0
    d = fourth >>> 0
  }
  return [d, c, b, a].map((limb) => limb.toString(16).padStart(8, '0')).join('')
}

/** An EndpointSlice port as Go's `dump.ForHash` prints it: the text whose hash orders ports. */
export function slicePortText({ name, protocol, port, appProtocol }: EndpointPort): string {
  return `(v1.EndpointPort){Name:(*string)${nil(name)} Protocol:(*v1.Protocol)${nil(protocol)} Port:(*int32)${nil(port)} AppProtocol:(*string)${nil(appProtocol)}}`
}

/** An Endpoints port as Go's `dump.ForHash` prints it. */
export function endpointsPortText({ name = '', port, protocol = 'TCP', appProtocol }: EndpointsPort): string {
  return `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} AppProtocol:(*string)${nil(appProtocol)}}`
}

/** A subset of Endpoints as Go's `dump.ForHash` prints it. */
export function subsetText({ addresses, notReadyAddresses, ports }: EndpointSubset): string {
  const list = <T>(items: readonly T[] | undefined, text: (item: T) => string) =>
    items?.length ? `[${items.map(text).join(' ')}]` : '<nil>'
  // The elements of a list go without the type that a lone value has.
  const port = (one: EndpointsPort) => endpointsPortText(one).slice('(v1.EndpointPort)'.length)
  return `(v1.EndpointSubset){Addresses:([]v1.EndpointAddress)${list(addresses, addressText)} NotReadyAddresses:([]v1.EndpointAddress)${list(notReadyAddresses, addressText)} Ports:([]v1.EndpointPort)${list(ports, port)}}`
}

function addressText({ ip, hostname = '', nodeName, targetRef }: EndpointAddress): string {
  return `{IP:(string)${ip} Hostname:(string)${hostname} NodeName:(*string)${nil(nodeName)} TargetRef:(*v1.ObjectReference)${referenceText(targetRef)}}`
}

function referenceText(reference: ObjectReference | undefined): string {
  if (!reference) return '<nil>'
  const { kind = '', namespace = '', name = '', uid = '', apiVersion = '', resourceVersion = '', fieldPath = '' } = reference
  return `{Kind:(string)${kind} Namespace:(string)${namespace} Name:(string)${name} UID:(types.UID)${uid} APIVersion:(string)${apiVersion} ResourceVersion:(string)${resourceVersion} FieldPath:(string)${fieldPath}}`
}

const nil = (value: string | number | undefined) => (value === undefined ? '<nil>' : String(value))
