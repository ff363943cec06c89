import { type Difference, isDetail, type ProbedRow } from '../../core/l7/compare/compared.ts'

/** A difference over several requests: its name, everybody who behaves so somewhere, and the rows where it shows. */
export type Named = {
  readonly code: Difference['code']
  readonly profiles: readonly string[]
  readonly rows: ReadonlySet<number>
}

/** The differences of all rows, each name once; what is a matter of the way only is left out. */
export function namedIn(rows: readonly Pick<ProbedRow, 'differences'>[]): readonly Named[] {
  const found = new Map<Difference['code'], { readonly profiles: Set<string>; readonly rows: Set<number> }>()
  rows.forEach(({ differences }, i) => {
    for (const { code, profiles } of differences.filter((difference) => !isDetail(difference))) {
      const name = code === 'regex-miss' ? 'regex' : code
      const known = found.get(name) ?? { profiles: new Set(), rows: new Set() }
      found.set(name, known)
      for (const profile of profiles) known.profiles.add(profile)
      known.rows.add(i)
    }
  })
  return [...found].map(([code, one]) => ({ code, profiles: [...one.profiles], rows: one.rows }))
}
