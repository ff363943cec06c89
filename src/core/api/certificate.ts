/** One element of DER: its tag and where its contents lie. */
type Element = { readonly tag: number; readonly from: number; readonly to: number }

const SUBJECT_ALT_NAME = '551d11'
const COMMON_NAME = '550403'

/**
 * The names that a PEM certificate is for: its subjectAltName entries (DNS names and addresses), or its common name if it has none.
 * Of several certificates in a chain the first counts. Text that holds none gives no names.
 */
export function certificateNames(pem: string): string[] {
  const base64 = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(pem)?.[1]
  const der = base64 === undefined ? undefined : decodeBase64(base64)
  if (!der) return []
  const names: string[] = []
  let commonName: string | undefined
  // Depth first through everything: an object identifier is followed by its value.
  const open: Element[] = [{ tag: 0x30, from: 0, to: der.length }]
  for (let next = open.pop(); next; next = open.pop()) {
    const parts = elementsOf(der, next)
    const [first] = parts
    const oid = first?.tag === 6 ? hex(der, first) : ''
    const value = parts.at(-1)
    if (oid === SUBJECT_ALT_NAME && value) names.push(...altNames(der, value))
    else if (oid === COMMON_NAME && value) commonName = text(der, value)
    else open.push(...parts.filter(({ tag }) => (tag & 0x20) !== 0).reverse())
  }
  return names.length > 0 ? names : commonName === undefined ? [] : [commonName]
}

function altNames(der: Uint8Array, value: Element): string[] {
  return elementsOf(der, value).flatMap((list) =>
    elementsOf(der, list).flatMap((name) => {
      if (name.tag === 0x82) return [text(der, name)]
      return name.tag === 0x87 && name.to - name.from === 4 ? [[...der.subarray(name.from, name.to)].join('.')] : []
    }),
  )
}

function elementsOf(der: Uint8Array, parent: Element): Element[] {
  const elements: Element[] = []
  let at = parent.from
  while (at + 2 <= parent.to) {
    const tag = der[at] ?? 0
    let length = der[at + 1] ?? 0
    let from = at + 2
    if (length >= 0x80) {
      const bytes = length & 0x7f
      length = 0
      for (let i = 0; i < bytes && i < 4; i++) length = length * 256 + (der[from + i] ?? 0)
      from += bytes
    }
    const to = from + length
    if (to > parent.to) break
    elements.push({ tag, from, to })
    at = to
  }
  return elements
}

function hex(der: Uint8Array, { from, to }: Element): string {
  return [...der.subarray(from, to)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function text(der: Uint8Array, { from, to }: Element): string {
  return String.fromCharCode(...der.subarray(from, to))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** The bytes of a base64 text, white space passed over; undefined if it is none. */
export function decodeBase64(encoded: string): Uint8Array | undefined {
  const out: number[] = []
  let held = 0
  let bits = 0
  for (const character of encoded.replace(/\s+/g, '').replace(/=+$/, '')) {
    const value = ALPHABET.indexOf(character)
    if (value < 0) return undefined
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    out.push((held >> bits) & 255)
  }
  return Uint8Array.from(out)
}
