const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
}

/** A Kubernetes quantity (`500m`, `1Gi`, `2`) in thousandths; 0 if it is none. */
export function milliOf(quantity: string | number): number {
  const match = /^([+-]?[0-9.]+)(?:[eE]([+-]?\d+))?([a-zA-Z]*)$/.exec(String(quantity))
  const factor = SUFFIXES[match?.[3] ?? '']
  if (!match || factor === undefined) return 0
  return Math.ceil(Number(match[1]) * 10 ** Number(match[2] ?? 0) * factor * 1000)
}

/** Thousandths as a quantity in canonical form: cpu in decimal, memory in binary units. */
export function quantityText(milli: number, name: 'cpu' | 'memory'): string {
  if (milli === 0) return '0'
  if (name === 'cpu') return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`
  const bytes = milli / 1000
  const units = ['', 'Ki', 'Mi', 'Gi', 'Ti']
  let unit = 0
  let value = bytes
  while (unit < units.length - 1 && value % 1024 === 0) {
    value /= 1024
    unit++
  }
  return `${value}${units[unit]}`
}
