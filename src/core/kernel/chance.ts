import { drawing } from '../base/chance.ts'

/**
 * Which of several weighted outcomes happens. `key` says what is decided (a rule, a chain), so that a seeded chooser answers the same
 * question the same way however often and in whatever order it is asked. Weights are positive and sum to 1. `enumerates` says that
 * every way is being asked for: then what the kernel would decide from a counter nobody knows is a choice too (ipvs' schedulers).
 */
export type Chooser = ((key: string, weights: readonly number[]) => number) & { readonly enumerates?: true }

/** A chooser that draws from a seed; `scope` names the packet (request name, number), so that each request has its own luck. */
export function seededChooser(seed: number, ...scope: readonly (string | number)[]): Chooser {
  return chooserOf(drawing(seed, ...scope))
}

/** A chooser that goes by numbers in [0, 1) drawn under its questions' keys. */
export function chooserOf(drawn: (key: string) => number): Chooser {
  return (key, weights) => pickByShare(drawn(key), weights)
}

/** The same chooser, asked under a prefix: a host's name before its rules'. */
export function scopedChooser(choose: Chooser, scope: string): Chooser {
  const scoped = (key: string, weights: readonly number[]) => choose(`${scope} ${key}`, weights)
  return choose.enumerates ? Object.assign(scoped, { enumerates: true as const }) : scoped
}

/** The index whose share of [0, 1) contains `share`. */
export function pickByShare(share: number, weights: readonly number[]): number {
  let left = share
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i]!
    if (left < 0) return i
  }
  return weights.length - 1
}

export type WayOf<T> = { readonly probability: number; readonly value: T }

/**
 * Runs the same thing once for every combination of choices it makes, with the combination's probability; outcomes of weight 0 are
 * left out. `run` must be a function of its chooser alone. n endpoints make n runs: only prefixes of choices that occurred are replayed.
 */
export function everyWay<T>(run: (choose: Chooser) => T): readonly WayOf<T>[] {
  const ways: WayOf<T>[] = []
  const open: { readonly picks: readonly number[] }[] = [{ picks: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { picks } = next
    const made: number[] = []
    let probability = 1
    const choose = (_key: string, weights: readonly number[]) => {
      const depth = made.length
      const picked = depth < picks.length ? picks[depth]! : weights.findIndex((weight) => weight > 0)
      if (depth >= picks.length) {
        // Pushed last to first, so that ways come out in the order of the options.
        for (let i = weights.length - 1; i > picked; i--) if (weights[i]! > 0) open.push({ picks: [...made, i] })
      }
      made.push(picked)
      probability *= weights[picked]!
      return picked
    }
    const value = run(Object.assign(choose, { enumerates: true as const }))
    ways.push({ probability, value })
  }
  return ways
}
