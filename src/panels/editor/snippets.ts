/** Objects to start a document from, in Monaco's snippet form. */
export const SNIPPETS: readonly { readonly kind: string; readonly text: string }[] = [
  {
    kind: 'Service',
    text: `apiVersion: v1
kind: Service
metadata:
  name: \${1:web}
spec:
  selector:
    app: \${1:web}
  ports:
    - port: \${2:80}
      targetPort: \${3:8080}
`,
  },
  {
    kind: 'Deployment',
    text: `apiVersion: apps/v1
kind: Deployment
metadata:
  name: \${1:web}
spec:
  replicas: \${2:3}
  selector:
    matchLabels:
      app: \${1:web}
  template:
    metadata:
      labels:
        app: \${1:web}
    spec:
      containers:
        - name: \${1:web}
          image: \${3:nginx}
          ports:
            - containerPort: \${4:8080}
`,
  },
  {
    kind: 'Pod',
    text: `apiVersion: v1
kind: Pod
metadata:
  name: \${1:client}
spec:
  containers:
    - name: \${1:client}
      image: \${2:curlimages/curl}
`,
  },
  {
    kind: 'Ingress',
    text: `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: \${1:shop}
spec:
  ingressClassName: \${2:nginx}
  rules:
    - host: \${3:shop.example.com}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: \${4:web}
                port:
                  number: \${5:80}
`,
  },
]
