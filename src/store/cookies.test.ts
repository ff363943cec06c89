import { expect, test } from 'vitest'
import { cookieHost, withCookies } from './cookies.ts'

const answers = (...set: readonly string[]) => set.map((text) => ({ response: { status: 200, headers: { 'set-cookie': text } } }))

test.each([
  [{ to: 'http://Shop.test:8080/a' }, 'shop.test'],
  [{ to: 'http://172.18.0.3:30080/', headers: { host: 'shop.test' } }, 'shop.test'],
  [{ to: '10.0.0.1:53' }, ''],
])('%j keeps its cookies under %s', (request, host) => {
  expect(cookieHost(request)).toBe(host)
})

test('cookies join, are replaced, and expire', () => {
  const one = withCookies({}, 'a', answers('x=1; Path=/; HttpOnly', 'y=2'))
  expect(one).toEqual({ a: { x: '1', y: '2' } })
  expect(withCookies(one, 'a', answers('x=3'))).toEqual({ a: { x: '3', y: '2' } })
  expect(withCookies(one, 'a', answers('x=; Max-Age=0', 'y=; max-age=-1'))).toEqual({})
  expect(withCookies(one, 'b', [{}])).toBe(one)
})
