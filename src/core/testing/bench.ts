/** One thing to measure. `per` says how many of what a call does, where that is what one wants to know: rules, traces, requests. */
export type Case = {
  readonly name: string
  readonly run: () => unknown
  readonly per?: { readonly count: number; readonly of: string }
}

/** Cases that share a beginning; it is made when their turn comes. `calls`: how many to make of cases that take long; else they run for a while. */
export type Group = {
  readonly title: string
  readonly calls?: number
  readonly cases: () => readonly Case[]
  /** What is kept in memory, made once and weighed. */
  readonly kept?: Readonly<Record<string, () => unknown>>
}
