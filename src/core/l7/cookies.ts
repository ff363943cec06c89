/** A client's cookies after an answer: one that is set joins or replaces, one that is set to have expired goes. */
export function keptCookies(jar: ReadonlyMap<string, string>, setCookie: string | undefined): ReadonlyMap<string, string> {
  const [, name, value = ''] = /^\s*([^=;]+)=([^;]*)/.exec(setCookie ?? '') ?? []
  if (name === undefined || setCookie === undefined) return jar
  const kept = new Map(jar)
  if (/;\s*max-age=(0|-\d+)\b/i.test(setCookie)) kept.delete(name)
  else kept.set(name, value)
  return kept
}
