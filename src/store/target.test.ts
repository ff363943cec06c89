import { describe, expect, test } from 'vitest'
import { en } from '../text/index.ts'
import { commandOf, targetOf } from './target.ts'

describe('where a request goes', () => {
  test.each([
    ['http://web/get', 'url'],
    ['https://web:8443', 'url'],
    ['http://[fd00::1]:80/', 'url'],
    ['10.96.0.1:443', 'address'],
    ['[fd00::1]:53', 'address'],
    ['web:8080', 'address'],
    ['ping 10.96.0.1', 'ping'],
    ['nslookup web', 'nslookup'],
    [' http://web/ ', 'url'],
  ])('%s is a %s', (to, target) => {
    expect(targetOf(to).target).toBe(target)
  })

  test.each([
    ['', /Say where to/],
    ['web', /Add a port: web:80/],
    ['web:http', /1 to 65535/],
    ['web:0', /1 to 65535/],
    ['web:65536', /1 to 65535/],
    ['ftp://web/', /not ftp/],
    ['http://', /no URL/],
    ['web/path', /no URL/],
    ['a b', /blank/],
  ])('%j says what to change', (to, words) => {
    const target = targetOf(to)
    expect(target.target === 'bad' && target.why(en.shell.request.errors)).toMatch(words)
  })
})

describe('the same by hand', () => {
  test.each([
    [{ from: 'pod/default/client', to: 'http://web/' }, 'kubectl exec client -- curl -sS http://web/'],
    [{ from: 'pod/prod/client', to: 'http://web/' }, 'kubectl exec -n prod client -- curl -sS http://web/'],
    [{ from: 'deploy/client', to: 'nslookup web' }, 'kubectl exec deploy/client -- nslookup web'],
    [{ from: 'node/demo-worker', to: 'ping 10.96.0.1' }, 'docker exec demo-worker ping -c1 10.96.0.1'],
    [{ from: 'outside', to: '172.18.0.3:53', protocol: 'udp' as const }, 'nc -zv -u 172.18.0.3 53'],
    [
      { from: 'outside', to: 'http://172.18.0.3/?a=1&b', method: 'POST', headers: { Host: "it's" } },
      "curl -sS -X POST -H 'Host: it'\\''s' 'http://172.18.0.3/?a=1&b'",
    ],
  ])('%j', (request, command) => {
    expect(commandOf(request)).toBe(command)
  })
})
