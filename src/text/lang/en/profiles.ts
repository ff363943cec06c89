type Params = Readonly<Record<string, string>>

/** Words of the comparison of controllers. They come with its panel. */
export const profiles = {
  intro: 'The Ingress as each controller would serve it, if it were the controller of its class.',
  working: 'Comparing …',
  none: 'There is no Ingress to compare.',
  ingress: 'Ingress',
  request: 'Request',
  method: 'Method',
  scheme: 'Scheme',
  host: 'Host',
  hostNone: 'no Host (HTTP/1.0)',
  path: 'Path and query',
  headers: 'Headers',
  headersHint: 'One “Name: value” a line.',
  fromBar: 'From the request bar',
  toBar: 'Into the request bar',
  controllers: 'Controllers',
  enlarge: 'Enlarge',
  title: 'One Ingress, several controllers',
  atLeastTwo: 'Choose at least two controllers.',
  uncertified: (host: string) =>
    `No certificate of the Ingress is for ${host}: each controller shows its own, and a client that checks it goes no further.`,
  together: (names: string) => `Served together with ${names}: their rules count as well.`,
  names: {
    spec: 'Documentation',
    'ingress-nginx': 'ingress-nginx',
    traefik: 'Traefik',
    haproxy: 'HAProxy',
    cloud: 'Cloud LB',
  } as Params,
  hints: {
    spec: 'What the documentation of Ingress says, read to the letter (spec)',
    'ingress-nginx': 'kubernetes/ingress-nginx, retired since March 2026',
    traefik: 'Traefik’s Kubernetes Ingress provider',
    haproxy: 'haproxytech/kubernetes-ingress',
    cloud: 'A provider’s load balancer that dials Pods directly',
  } as Params,
  list: (names: readonly string[]) => (names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`),
  serves: 'serves this Ingress',
  running: 'runs here, with its own settings',
  defaults: 'with default settings',
  /** How the request that is compared ends. */
  alike: (count: number) => `All ${count} answer alike.`,
  differ: (answers: number, count: number) => `${count} controllers, ${answers} different answers.`,
  nothing: 'Nothing differs, the way included.',
  onlyDetails: 'Only the way differs:',
  answer: 'Answer',
  self: (who: string | undefined, reason: string) => `${who ?? 'The controller'} answers itself: ${reason}.`,
  unknown: (what: string) => `Not modelled: it depends on ${what}.`,
  backend: (service: string) => `Service ${service}`,
  morePods: (count: number) => `and ${count} more`,
  noPods: 'no endpoint',
  sends: 'The backend sees:',
  adds: 'Headers added',
  sets: 'Cookie set:',
  canary: (service: string, percent: string) => `canary: ${percent} % to ${service}`,
  /** Where the request is looked up, in each controller's own terms. */
  servers: {
    spec: (name: string) => (name === '*' ? 'rules without a host' : `rules of the host ${name}`),
    'ingress-nginx': (name: string) => `server ${name}`,
    traefik: (name: string) => `entry point ${name}: one list for all hosts`,
    haproxy: (name: string) => (name === '*' ? 'paths without a host' : `paths of the host ${name}`),
    cloud: (name: string) => (name === '*' ? 'rules without a host' : `rules of the host ${name}`),
  } as Readonly<Record<string, (name: string) => string>>,
  noServer: 'No server takes the host.',
  table: (who: string) => `Rules of ${who} for this host, in the order in which they are asked`,
  line: (line: number) => `line ${line}`,
  noRules: 'No rule for this host.',
  fallback: 'No rule takes it.',
  moreRules: (count: number) => `${count} more rules that lost`,
  differences: 'What differs',
  probes: 'Other requests to this Ingress',
  probesHint: 'Each rule and its near misses. A row becomes the request that is compared.',
  differing: (count: number, of: number) => `${count} of ${of} differ`,
  noneDiffers: (of: number) => `All ${of} are answered alike.`,
  onlyDiffering: 'Only what differs',
  moreProbes: (count: number) => `${count} more are left out.`,
  kind: 'Probe',
  why: 'Difference',
  same: 'alike',
  differs: 'differs',
  summary: 'Differences over all of these requests',
  filter: (name: string) => `Show only: ${name}`,
  kinds: {
    'as-written': 'as written',
    'slash-added': 'slash added',
    'slash-removed': 'slash left out',
    below: 'sub-path',
    longer: 'longer text',
    'upper-path': 'capitals',
    'double-slash': 'double slash',
    'other-path': 'a path of no rule',
    'upper-host': 'host in capitals',
    'two-labels': 'two labels for the star',
    'no-label': 'no label for the star',
    'other-host': 'a host of no rule',
    https: 'plain HTTP',
  } as Params,
  /** Reasons that only a comparison gives, or gives in other words; the others are those of a proxy's own answers. */
  reasons: {
    duplicate: 'another Ingress has this host and path already',
    'kept-out': 'an annotation of its Ingress keeps it out (a canary, entry points, a middleware that is missing)',
    'ip-not-allowed': 'addresses from elsewhere (here 192.0.2.1) are not allowed',
  } as Params,
  /** A difference in one or two words. */
  difference: {
    'text-prefix': 'Prefix by letters',
    'slash-counts': 'Slash counts',
    'slash-redirect': 'Slash is added',
    regex: 'Patterns',
    'regex-miss': 'Patterns',
    rank: 'Order of rules',
    tie: 'No order',
    'fall-through': 'Falls to other hosts',
    'not-made': 'Rule left out',
    'https-only': 'https only',
    match: 'Other match',
    'path-read': 'Path cleaned',
    'bad-path': 'Path refused',
    redirect: 'Redirect',
    status: 'Other status',
    serves: 'Backend found',
    'no-rule': 'No rule takes it',
    rewrite: 'Path rewritten',
    vhost: 'Other Host',
    'server-alias': 'Added host',
    canary: 'Canary',
    'by-address': 'One address',
    endpoints: 'Other endpoints',
    cookie: 'Cookie',
    headers: 'Headers',
    annotation: 'Annotation',
    'not-modelled': 'Not modelled',
    other: 'Other answer',
  } as Params,
  /** The same as a sentence. `why` says a rank or a miss in this language, `reason` why nobody is behind a rule. */
  sentence: {
    'text-prefix': (p) =>
      `Paths are compared as text: \`${p['path']}\` begins with \`${p['text']}\`, so \`${p['rule']}\` takes it. The documentation compares whole elements between slashes.`,
    'slash-counts': (p) =>
      `Paths are compared as text: \`${p['path']}\` does not begin with \`${p['text']}\`. The documentation leaves the slash at the end of a Prefix out of account.`,
    'slash-redirect': (p) =>
      `The rule ends in a slash, and the path without it is sent there with 301: \`${p['location']}\`. By the documentation the rule ${p['documented'] === 'taken' ? 'takes it' : 'has no part in it'}.`,
    regex: (p) =>
      p['annotation']
        ? `\`${p['annotation']}\` on Ingress ${p['ingress']} makes every path of this host a pattern, Exact ones too: \`${p['rule']}\` takes \`${p['path']}\`, whatever the case and whatever follows.`
        : `The rule is a pattern by its annotation: \`${p['rule']}\` takes \`${p['path']}\`.`,
    'regex-miss': (p) =>
      p['annotation']
        ? `\`${p['annotation']}\` on Ingress ${p['ingress']} makes every path of this host a pattern: \`${p['rule']}\` does not take \`${p['path']}\`.`
        : `The rule is a pattern by its annotation: \`${p['rule']}\` does not take \`${p['path']}\`.`,
    rank: (p, { why }) => `\`${p['winner']}\` and \`${p['loser']}\` both match, and the first one goes before: ${why}.`,
    tie: (p) => `\`${p['winner']}\` and \`${p['loser']}\` rank alike. Which of them wins is not defined; here the order of names decides.`,
    'fall-through': (p) =>
      `What ${p['host'] ? `\`${p['host']}\`` : 'this host'} does not take goes on to the rules of other hosts, and \`${p['rule']}\` takes it. The documentation leaves that open.`,
    'not-made': (p, { reason }) => `There is no route for \`${p['rule']}\`: ${reason(p['why'] ?? '')}. Other rules may take the request.`,
    'https-only': (p) => `\`${p['rule']}\` answers https alone.`,
    match: (p, { why }) => `\`${p['rule']}\`${why ? `: ${why}` : ` takes \`${p['path']}\``}.`,
    'path-read': (p) =>
      `\`${p['path']}\` is read as \`${p['read']}\`: escapes, double slashes and dots are resolved first. The documentation speaks of the path as it was sent.`,
    'bad-path': (p) => `\`${p['path']}\` is refused as malformed: ${p['status']}.`,
    redirect: (p, { reason }) =>
      `Answered with ${p['status']} to \`${p['location']}\` (${reason(p['why'] ?? '')}), before any backend is asked.`,
    status: (p, { reason }) => `\`${p['rule']}\` is answered with ${p['status']}: ${reason(p['why'] ?? '')}.`,
    serves: (p, { reason }) =>
      p['why'] === 'missing-port'
        ? `\`${p['rule']}\` reaches Service ${p['service']}: its port is also looked for among the targetPorts.`
        : `\`${p['rule']}\` reaches Service ${p['service']}, where by the documentation ${reason(p['why'] ?? '')}.`,
    'no-rule': (p) =>
      p['service']
        ? `No rule takes it, and the default backend ${p['service']} answers.`
        : `No rule takes it, and the answer is ${p['status']}.`,
    rewrite: (p) => `The backend is asked for \`${p['to']}\` in place of \`${p['path']}\`.`,
    vhost: (p) => `The backend sees the Host \`${p['host']}\`.`,
    'server-alias': (p) => `No rule names \`${p['host']}\`: an annotation adds it to another host.`,
    canary: (p) =>
      `${p['percent']} % of such requests go to the canary ${p['service']}. The others take the canary’s Ingress for one more rule of the same path.`,
    'by-address': (p) => `Service ${p['service']} is dialled at ${p['address']}, not at its Pods.`,
    endpoints: (p) => `Other endpoints of ${p['service']} are in use: ${p['count']}.`,
    cookie: (p) => `The cookie \`${p['cookie']}\` is set: with it a client comes back to the same Pod.`,
    headers: (p) => `The backend gets \`${p['headers']}\` besides.`,
    annotation: (p) => `\`${p['annotation']}\` has an effect; the others do not know it.`,
    'not-modelled': (p) => `What comes of ${p['rule'] ? `\`${p['rule']}\`` : 'it'} depends on ${p['what']}, which is not modelled.`,
    other: () => 'The answer is another one.',
  } as Readonly<Record<string, (params: Params, words: { why: string; reason: (code: string) => string }) => string>>,
  nobody: 'none of these',
}
