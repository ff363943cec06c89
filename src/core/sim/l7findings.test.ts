import { expect, test } from 'vitest'
import { load } from '../api/load.ts'
import { diagnose } from './diagnose.ts'
import { routeFindings } from './routefindings.ts'

const BASE = `
kind: Service
apiVersion: v1
metadata: {name: web}
spec: {ports: [{port: 80}]}
---
kind: Service
apiVersion: v1
metadata: {name: web, namespace: other}
spec: {ports: [{port: 80}]}
---
{kind: Namespace, apiVersion: v1, metadata: {name: other}}
---
kind: GatewayClass
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: example}
spec: {controllerName: example.com/gateway}
---
kind: IngressClass
apiVersion: networking.k8s.io/v1
metadata: {name: cloud}
spec: {controller: kubehop.dev/cloud}
`
const gateway = (spec: string) => `
kind: Gateway
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: edge}
spec: ${spec}`
const EDGE = gateway('{gatewayClassName: example, listeners: [{name: http, port: 80, protocol: HTTP, hostname: "*.example.com"}]}')
const route = (spec: string, kind = 'HTTPRoute', name = 'shop', namespace = 'default') => `
kind: ${kind}
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}`
const refs = (text: string) => route(`{parentRefs: [{name: edge}], rules: [{backendRefs: [${text}]}]}`)
const ingress = (name: string, spec: string, annotations = '{}') => `
kind: Ingress
apiVersion: networking.k8s.io/v1
metadata: {name: ${name}, annotations: ${annotations}}
spec: ${spec}`
const path = (text: string, host = 'a.example.com') =>
  `{ingressClassName: cloud, rules: [{host: ${host}, http: {paths: [{path: /, pathType: Prefix, backend: ${text}}]}}]}`
const WEB = '{service: {name: web, port: {number: 80}}}'

/** What is said of these documents beside the base, as code and field. */
function said(...documents: readonly string[]): readonly string[] {
  const files = [{ name: 'f.yaml', text: [BASE, ...documents].join('\n---\n') }]
  return diagnose(load(files, { bare: false }), files, routeFindings).map(({ code, field }) => `${code} ${field ?? ''}`)
}

const rows: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a route that is right', [EDGE, refs('{name: web, port: 80}')], []],
  ['no Gateway', [EDGE, route('{parentRefs: [{name: egde}]}')], ['ROUTE_PARENT_NOT_FOUND spec.parentRefs[0].name']],
  [
    'a Gateway in another namespace',
    [EDGE, route('{parentRefs: [{name: edge}]}', 'HTTPRoute', 'shop', 'other')],
    ['ROUTE_PARENT_NOT_FOUND spec.parentRefs[0].name'],
  ],
  [
    'no such listener',
    [EDGE, route('{parentRefs: [{name: edge, sectionName: https}, {name: edge, port: 81}]}')],
    ['ROUTE_LISTENER_NOT_FOUND spec.parentRefs[0].sectionName', 'ROUTE_LISTENER_NOT_FOUND spec.parentRefs[1].port'],
  ],
  ['no hostname in common', [EDGE, route('{parentRefs: [{name: edge}], hostnames: [a.com]}')], ['ROUTE_HOSTNAME_NO_MATCH spec.hostnames']],
  [
    'not allowed',
    [EDGE, route('{parentRefs: [{name: edge, namespace: default}]}', 'HTTPRoute', 'shop', 'other')],
    ['ROUTE_NOT_ALLOWED spec.parentRefs[0].name'],
  ],
  [
    'a GRPCRoute under the name of an older HTTPRoute',
    [
      EDGE,
      refs('{name: web, port: 80}'),
      route('{parentRefs: [{name: edge}], rules: [{backendRefs: [{name: web, port: 80}]}]}', 'GRPCRoute', 'z'),
    ],
    ['ROUTE_CONFLICT spec.hostnames'],
  ],
  ['another kind of parent', [route('{parentRefs: [{group: "", kind: Service, name: web}]}')], ['NOT_MODELLED spec.parentRefs[0].kind']],
  [
    'backends that are not there',
    [EDGE, refs('{name: wbe, port: 80}, {name: web, port: 8080}, {kind: Bucket, group: x.com, name: b}')],
    [
      'ROUTE_SERVICE_NOT_FOUND spec.rules[0].backendRefs[0].name',
      'ROUTE_PORT_NOT_FOUND spec.rules[0].backendRefs[1].port',
      'ROUTE_BACKEND_KIND spec.rules[0].backendRefs[2].kind',
    ],
  ],
  [
    'another namespace without a grant',
    [EDGE, refs('{name: web, namespace: other, port: 80}')],
    ['REFERENCE_NOT_GRANTED spec.rules[0].backendRefs[0].namespace'],
  ],
  [
    'another namespace with a grant',
    [
      EDGE,
      refs('{name: web, namespace: other, port: 80}'),
      `
kind: ReferenceGrant
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: g, namespace: other}
spec: {from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: default}], to: [{group: "", kind: Service}]}`,
    ],
    [],
  ],
  [
    'a mirror that is not there',
    [
      EDGE,
      route(
        '{parentRefs: [{name: edge}], rules: [{filters: [{type: RequestMirror, requestMirror: {backendRef: {name: nobody, port: 80}}}], backendRefs: [{name: web, port: 80}]}]}',
      ),
    ],
    ['ROUTE_SERVICE_NOT_FOUND spec.rules[0].filters[0].requestMirror.backendRef.name'],
  ],
  [
    'no class',
    [gateway('{gatewayClassName: exmaple, listeners: [{name: http, port: 80, protocol: HTTP}]}')],
    ['GATEWAY_CLASS_NOT_FOUND spec.gatewayClassName'],
  ],
  [
    'a class that nobody has accepted',
    [
      `
kind: GatewayClass
apiVersion: gateway.networking.k8s.io/v1
metadata: {name: dead}
spec: {controllerName: example.com/dead}
status: {conditions: [{type: Accepted, status: "Unknown", reason: Pending}]}`,
    ],
    ['GATEWAY_CLASS_NOT_ACCEPTED status.conditions'],
  ],
  [
    'no certificate, and one elsewhere',
    [
      gateway(
        '{gatewayClassName: example, listeners: [{name: https, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: none}, {name: none, namespace: other}]}}]}',
      ),
    ],
    [
      'GATEWAY_SECRET_NOT_FOUND spec.listeners[0].tls.certificateRefs[0].name',
      'REFERENCE_NOT_GRANTED spec.listeners[0].tls.certificateRefs[1].namespace',
    ],
  ],
  [
    'listeners in conflict, and a kind that cannot be',
    [
      gateway(
        '{gatewayClassName: example, listeners: [{name: a, port: 80, protocol: HTTP, allowedRoutes: {kinds: [{kind: TCPRoute}]}}, {name: b, port: 80, protocol: TCP}]}',
      ),
    ],
    [
      'LISTENER_KIND_INVALID spec.listeners[0].allowedRoutes.kinds',
      'LISTENER_CONFLICT spec.listeners[1].port',
      'NOT_MODELLED spec.listeners[1].protocol',
    ],
  ],
  ['an Ingress that is right', [ingress('a', path(WEB))], []],
  [
    'an Ingress Service or port that is not there',
    [
      ingress('a', path('{service: {name: nobody, port: {number: 80}}}')),
      ingress('b', path('{service: {name: web, port: {name: http}}}', 'b.example.com')),
    ],
    [
      'INGRESS_SERVICE_NOT_FOUND spec.rules[0].http.paths[0].backend.service.name',
      'INGRESS_PORT_NOT_FOUND spec.rules[0].http.paths[0].backend.service.port.name',
    ],
  ],
  [
    'an Ingress path twice',
    [ingress('a', path(WEB)), ingress('b', path(WEB)), ingress('c', path(WEB), '{nginx.ingress.kubernetes.io/canary: "true"}')],
    [
      'INGRESS_PATH_DUPLICATE spec.rules[0].http.paths[0].path',
      'INGRESS_PATH_DUPLICATE spec.rules[0].http.paths[0].path',
      'INGRESS_ANNOTATION_FOREIGN metadata.annotations[nginx.ingress.kubernetes.io/canary]',
    ],
  ],
  [
    'a resource backend',
    [ingress('a', path('{resource: {apiGroup: x.com, kind: Bucket, name: b}}'))],
    ['INGRESS_RESOURCE_BACKEND spec.rules[0].http.paths[0].backend.resource'],
  ],
  [
    'two default classes',
    ['a', 'b'].map(
      (name) => `
kind: IngressClass
apiVersion: networking.k8s.io/v1
metadata: {name: ${name}, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec: {controller: kubehop.dev/cloud}`,
    ),
    ['INGRESS_CLASS_DEFAULTS metadata.annotations[ingressclass.kubernetes.io/is-default-class]'],
  ],
  [
    'no Secret, no class, no controller of the class',
    [
      ingress('a', `{ingressClassName: none, tls: [{hosts: [a.com], secretName: none}], defaultBackend: ${WEB}}`),
      ingress('b', `{ingressClassName: nginx, defaultBackend: ${WEB}}`),
      `{kind: IngressClass, apiVersion: networking.k8s.io/v1, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}`,
      ingress('c', `{defaultBackend: ${WEB}}`),
    ],
    [
      'INGRESS_CLASS_NOT_FOUND spec.ingressClassName',
      'INGRESS_SECRET_NOT_FOUND spec.tls[0].secretName',
      'INGRESS_CLASS_UNSET spec',
      'INGRESS_CLASS_UNCLAIMED spec.ingressClassName',
    ],
  ],
]

test.each(rows)('%s', (_, documents, expected) => {
  expect(said(...documents)).toEqual(expected)
})

test('middlewares that are not there, and what of them is not modelled', () => {
  const middleware = (name: string, spec: string) => `
kind: Middleware
apiVersion: traefik.io/v1alpha1
metadata: {name: ${name}}
spec: ${spec}`
  const annotation = '{traefik.ingress.kubernetes.io/router.middlewares: "default-none@kubernetescrd,default-m@kubernetescrd,auth@file"}'
  expect(
    said(
      ingress('a', path(WEB).replace('ingressClassName: cloud, ', ''), annotation),
      middleware('m', '{rateLimit: {average: 1}}'),
      middleware('h', '{headers: {stsSeconds: 3, frameDeny: true}}'),
      middleware('f', '{forwardAuth: {address: x}}'),
      middleware('s', '{stripPrefix: {prefixes: [/a]}}'),
    ),
  ).toEqual([
    'INGRESS_CLASS_UNSET spec',
    'MIDDLEWARE_NOT_FOUND metadata.annotations[traefik.ingress.kubernetes.io/router.middlewares]',
    'NOT_MODELLED spec.forwardAuth',
    'NOT_MODELLED spec.headers.stsSeconds',
    'NOT_MODELLED spec.rateLimit',
  ])
})

test('annotations of another controller, and of the right one without effect here', () => {
  const N = 'nginx.ingress.kubernetes.io'
  const ingressClass =
    '{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: traefik}, spec: {controller: traefik.io/ingress-controller}}'
  const annotations = `{${N}/rewrite-target: /, nginx.org/rewrites: x, traefik.ingress.kubernetes.io/router.observability.tracing: "true", traefik.ingress.kubernetes.io/router.priority: "3"}`
  const served = ingress('a', path(WEB).replace('cloud', 'traefik'), annotations)
  expect(said(ingressClass, served)).toEqual([
    `INGRESS_ANNOTATION_FOREIGN metadata.annotations[${N}/rewrite-target]`,
    'INGRESS_ANNOTATION_FOREIGN metadata.annotations[nginx.org/rewrites]',
    'NOT_MODELLED metadata.annotations[traefik.ingress.kubernetes.io/router.observability.tracing]',
    'INGRESS_CLASS_UNCLAIMED spec.ingressClassName',
  ])
})

test('a canary repeats its path where ingress-nginx serves it', () => {
  const nginxClass =
    '{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}'
  const spec = path(WEB).replace('cloud', 'nginx')
  const canary = ingress('c', spec, '{nginx.ingress.kubernetes.io/canary: "true"}')
  expect(said(nginxClass, ingress('a', spec), canary).filter((one) => !one.startsWith('INGRESS_CLASS'))).toEqual([])
})
