/** A share as people say it: `1/3` where it is one part of a few, else percent. */
export function percentOf(share: number): string {
  if (share === 0 || share === 1) return String(share)
  const parts = Math.round(1 / share)
  if (parts <= 20 && Math.abs(1 / parts - share) < 1e-9) return `1/${parts}`
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}
