import { expect, test } from 'vitest'
import { MODE_IDS } from '../kernel/program.ts'
import { CLIENT, documents, send, service, worldFrom } from '../testing/scene.ts'
import { printTrace } from './print.ts'

const scene = documents(
  CLIENT,
  '{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {nodeName: demo-worker2, containers: [{name: c, image: x, ports: [{containerPort: 8080}]}]}}',
  service('web', 'clusterIP: 10.96.200.1, selector: {app: web}, ports: [{port: 80, targetPort: 8080}]'),
)

test.each(MODE_IDS)('a request through a ClusterIP, written down: %s', async (mode) => {
  const { trace } = send(worldFrom(scene, mode), { from: 'pod/default/client', to: 'http://web/' }, true)
  await expect(printTrace(trace)).toMatchFileSnapshot(`golden/clusterip.${mode}.txt`)
})
