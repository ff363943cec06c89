/** HTTP headers as lines of `Name: value`. */
export function printHeaders(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}

/** Lines of `Name: value`; those without a colon or a name are left out. */
export function readHeaders(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const at = line.indexOf(':')
    if (at > 0 && line.slice(0, at).trim() !== '') headers[line.slice(0, at).trim()] = line.slice(at + 1).trim()
  }
  return headers
}
