import { describe, expect, test } from 'vitest'
import { ADDRESS, begun, fitted, heightFor, lettersIn, linesIn, NAME, TEXT, widthOf } from './words.ts'

describe('words', () => {
  test.each([
    ['web', 200, 'web'],
    ['nginx-68dddcc4dd-9jnl4', 400, 'nginx-68dddcc4dd-9jnl4'],
    ['nginx-68dddcc4dd-9jnl4', 102, 'nginx-…9jnl4'],
    ['nginx-68dddcc4dd-9jnl4', 90, 'ngin…9jnl4'],
    ['demo-worker2', 90, 'dem…rker2'],
    ['kube-apiserver', 10, 'k…erver'],
  ])('%s in %i px is %s', (name, room, shown) => {
    expect(fitted(name, room, NAME)).toBe(shown)
  })

  test.each([NAME, TEXT, ADDRESS])('what was shortened has room (%o)', (face) => {
    for (const name of ['nginx-68dddcc4dd-9jnl4', 'a-very-long-name-of-a-service', '负载均衡器和它后面的节点', 'WWWWWWWWWWWW'])
      for (let room = 90; room < 300; room += 7) {
        expect(widthOf(begun(name, room, face), face)).toBeLessThanOrEqual(room)
        const least = widthOf(`${name[0]}…${name.slice(-5)}`, face)
        expect(widthOf(fitted(name, room, face), face)).toBeLessThanOrEqual(Math.max(room, least))
      }
  })

  test.each([
    [1, 1],
    [1, 1.25],
    [2, 1],
    [2, 1.47],
    [3, 1.09],
  ])('a box made for %i lines at %d has room for them', (lines, scale) => {
    expect(linesIn(heightFor(lines) * scale, scale)).toBe(lines)
    expect(linesIn(heightFor(lines) * scale - 1, scale)).toBe(lines - 1)
  })

  test('an address is as wide as its letters', () => {
    expect(lettersIn(widthOf('172.18.255.201:80', ADDRESS))).toBe(17)
  })
})
