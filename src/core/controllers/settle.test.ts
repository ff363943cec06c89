import { expect, test } from 'vitest'
import { find, list, store } from '../api/cluster.ts'
import { clusterOf, demoNodes, deployment, service } from '../testing/cluster.ts'
import { settle } from './settle.ts'
import { whyText } from './why.ts'

const web = clusterOf(...demoNodes, deployment('web', 3), service('web'))

test('a Deployment becomes Pods with addresses, and endpoints of its Service', () => {
  const { cluster, changes } = settle(web, { now: 0 })
  expect(changes.map((change) => `${change.controller}: ${change.change} ${whyText(change.why)}`)).toMatchInlineSnapshot(`
    [
      "deployment-controller: create A Deployment needs a ReplicaSet for its Pod template: Scaled up replica set web-bfb6488d7 from 0 to 3.",
      "deployment-controller: update Its ReplicaSets changed.",
      "replicaset-controller: create ReplicaSet web-bfb6488d7 wants 3 Pods and has too few.",
      "replicaset-controller: create ReplicaSet web-bfb6488d7 wants 3 Pods and has too few.",
      "replicaset-controller: create ReplicaSet web-bfb6488d7 wants 3 Pods and has too few.",
      "replicaset-controller: update Its Pods changed.",
      "scheduler: update demo-worker has the fewest Pods of the nodes it may run on.",
      "scheduler: update demo-worker2 has the fewest Pods of the nodes it may run on.",
      "scheduler: update demo-worker has the fewest Pods of the nodes it may run on.",
      "kubelet: update demo-worker gave it the next free address (10.244.1.2) and it runs.",
      "kubelet: update demo-worker2 gave it the next free address (10.244.2.2) and it runs.",
      "kubelet: update demo-worker gave it the next free address (10.244.1.3) and it runs.",
      "endpointslice-controller: create Service web has 3 more endpoints.",
      "endpoints-controller: create Service web has a selector: its Pods are listed.",
      "deployment-controller: update Its ReplicaSets changed.",
      "replicaset-controller: update Its Pods changed.",
      "deployment-controller: update Its ReplicaSets changed.",
    ]
  `)
  expect(list(cluster, 'Pod').map(({ metadata, spec, status }) => [metadata.name, spec.nodeName, status?.podIP])).toMatchInlineSnapshot(`
    [
      [
        "web-bfb6488d7-25s44",
        "demo-worker",
        "10.244.1.2",
      ],
      [
        "web-bfb6488d7-7hj6z",
        "demo-worker2",
        "10.244.2.2",
      ],
      [
        "web-bfb6488d7-vpkcg",
        "demo-worker",
        "10.244.1.3",
      ],
    ]
  `)
  expect(list(cluster, 'EndpointSlice')).toMatchInlineSnapshot(`
    [
      {
        "addressType": "IPv4",
        "apiVersion": "discovery.k8s.io/v1",
        "endpoints": [
          {
            "addresses": [
              "10.244.2.2",
            ],
            "conditions": {
              "ready": true,
              "serving": true,
              "terminating": false,
            },
            "nodeName": "demo-worker2",
            "targetRef": {
              "kind": "Pod",
              "name": "web-bfb6488d7-7hj6z",
              "namespace": "default",
              "uid": "d54eab8f-b198-460b-a9dd-901adc15117a",
            },
          },
          {
            "addresses": [
              "10.244.1.2",
            ],
            "conditions": {
              "ready": true,
              "serving": true,
              "terminating": false,
            },
            "nodeName": "demo-worker",
            "targetRef": {
              "kind": "Pod",
              "name": "web-bfb6488d7-25s44",
              "namespace": "default",
              "uid": "ecfcf68d-24fc-4fc7-ad26-ac035cc8ff87",
            },
          },
          {
            "addresses": [
              "10.244.1.3",
            ],
            "conditions": {
              "ready": true,
              "serving": true,
              "terminating": false,
            },
            "nodeName": "demo-worker",
            "targetRef": {
              "kind": "Pod",
              "name": "web-bfb6488d7-vpkcg",
              "namespace": "default",
              "uid": "911294d9-7e53-4f86-a7e4-40467d032207",
            },
          },
        ],
        "kind": "EndpointSlice",
        "metadata": {
          "annotations": {
            "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z",
          },
          "creationTimestamp": "2026-01-01T00:00:00Z",
          "generateName": "web-",
          "generation": 1,
          "labels": {
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": "web",
          },
          "name": "web-ngjlc",
          "namespace": "default",
          "ownerReferences": [
            {
              "apiVersion": "v1",
              "blockOwnerDeletion": true,
              "controller": true,
              "kind": "Service",
              "name": "web",
              "uid": "uid-svc-web",
            },
          ],
          "uid": "7b626494-2699-494b-a55a-07dde88ac141",
        },
        "ports": [
          {
            "name": "",
            "port": 80,
            "protocol": "TCP",
          },
        ],
      },
    ]
  `)
  expect(list(cluster, 'Endpoints')).toMatchInlineSnapshot(`
    [
      {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
          "annotations": {
            "endpoints.kubernetes.io/last-change-trigger-time": "2026-01-01T00:00:00Z",
          },
          "creationTimestamp": "2026-01-01T00:00:00Z",
          "labels": {
            "endpoints.kubernetes.io/managed-by": "endpoint-controller",
          },
          "name": "web",
          "namespace": "default",
          "uid": "c4fe7cba-af0c-4abb-a1b9-96399cefcbf3",
        },
        "subsets": [
          {
            "addresses": [
              {
                "ip": "10.244.1.2",
                "nodeName": "demo-worker",
                "targetRef": {
                  "kind": "Pod",
                  "name": "web-bfb6488d7-25s44",
                  "namespace": "default",
                  "uid": "ecfcf68d-24fc-4fc7-ad26-ac035cc8ff87",
                },
              },
              {
                "ip": "10.244.1.3",
                "nodeName": "demo-worker",
                "targetRef": {
                  "kind": "Pod",
                  "name": "web-bfb6488d7-vpkcg",
                  "namespace": "default",
                  "uid": "911294d9-7e53-4f86-a7e4-40467d032207",
                },
              },
              {
                "ip": "10.244.2.2",
                "nodeName": "demo-worker2",
                "targetRef": {
                  "kind": "Pod",
                  "name": "web-bfb6488d7-7hj6z",
                  "namespace": "default",
                  "uid": "d54eab8f-b198-460b-a9dd-901adc15117a",
                },
              },
            ],
            "ports": [
              {
                "port": 80,
                "protocol": "TCP",
              },
            ],
          },
        ],
      },
    ]
  `)
})

test('what is settled has nothing to do', () => {
  const { cluster } = settle(web, { now: 0 })
  const again = settle(cluster, { now: 0 })
  expect(again.changes).toEqual([])
  expect(again.cluster.byKind).toBe(cluster.byKind)
  const { memory: _, ...fresh } = cluster
  expect(settle(fresh, { now: 0 }).changes).toEqual([])
})

test('a rollout ends with the new ReplicaSet only', () => {
  const { cluster } = settle(web, { now: 0 })
  const next = store(cluster, [deployment('web', 3, {}, { containers: [{ name: 'c', image: 'nginx:1.28' }] })])
  const { cluster: rolled, changes } = settle(next, { now: 1000 })
  expect(changes.map((change) => whyText(change.why)).filter((why) => why.includes('caled'))).toMatchInlineSnapshot(`
    [
      "The Deployment's Pod template changed: Scaled up replica set web-6f9546d86d from 0 to 1.",
      "Scaled down replica set web-bfb6488d7 from 3 to 2.",
      "Scaled up replica set web-6f9546d86d from 1 to 2.",
      "Scaled down replica set web-bfb6488d7 from 2 to 1.",
      "Scaled up replica set web-6f9546d86d from 2 to 3.",
      "Scaled down replica set web-bfb6488d7 from 1 to 0.",
    ]
  `)
  expect(
    list(rolled, 'ReplicaSet')
      .map(({ spec, status }) => `${status?.availableReplicas ?? 0} of ${spec.replicas}`)
      .sort(),
  ).toEqual(['0 of 0', '3 of 3'])
  expect(find(rolled, 'Deployment', 'default', 'web')?.status).toMatchInlineSnapshot(`
    {
      "availableReplicas": 3,
      "conditions": [
        {
          "lastTransitionTime": "2026-01-01T00:00:01Z",
          "message": "Deployment has minimum availability.",
          "reason": "MinimumReplicasAvailable",
          "status": "True",
          "type": "Available",
        },
        {
          "lastTransitionTime": "2026-01-01T00:00:01Z",
          "message": "ReplicaSet "web-6f9546d86d" has successfully progressed.",
          "reason": "NewReplicaSetAvailable",
          "status": "True",
          "type": "Progressing",
        },
      ],
      "observedGeneration": 1,
      "readyReplicas": 3,
      "replicas": 3,
      "terminatingReplicas": 0,
      "updatedReplicas": 3,
    }
  `)
})
