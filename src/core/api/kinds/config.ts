import type { ApiObjectBase } from '../meta.ts'

/** kind's `Cluster` (kind.x-k8s.io/v1alpha4). */
export type KindCluster = {
  readonly nodes?: readonly {
    readonly role?: 'control-plane' | 'worker'
    readonly labels?: Readonly<Record<string, string>>
    readonly image?: string
  }[]
  readonly name?: string
  readonly networking?: {
    readonly ipFamily?: 'ipv4' | 'ipv6' | 'dual'
    readonly podSubnet?: string
    readonly serviceSubnet?: string
    readonly kubeProxyMode?: 'iptables' | 'nftables' | 'ipvs' | 'none'
  }
}

export type DetectLocalMode = 'ClusterCIDR' | 'NodeCIDR' | 'BridgeInterface' | 'InterfaceNamePrefix'

/** The fields of `KubeProxyConfiguration` (kubeproxy.config.k8s.io/v1alpha1) that change what is programmed. */
export type KubeProxyConfiguration = {
  readonly mode?: '' | 'iptables' | 'nftables' | 'ipvs'
  readonly clusterCIDR?: string
  readonly detectLocalMode?: DetectLocalMode
  readonly detectLocal?: {
    readonly bridgeInterface?: string
    readonly interfaceNamePrefix?: string
    readonly clusterCIDRs?: readonly string[]
  }
  readonly nodePortAddresses?: readonly string[]
  readonly iptables?: {
    readonly masqueradeBit?: number
    readonly masqueradeAll?: boolean
    readonly localhostNodePorts?: boolean
    readonly syncPeriod?: string
    readonly minSyncPeriod?: string
  }
  readonly nftables?: {
    readonly masqueradeBit?: number
    readonly masqueradeAll?: boolean
    readonly syncPeriod?: string
    readonly minSyncPeriod?: string
  }
  readonly ipvs?: {
    readonly scheduler?: string
    readonly strictARP?: boolean
    readonly excludeCIDRs?: readonly string[]
    /** How long idle connections stay: established, in FIN_WAIT, UDP. Go durations; 0 leaves the kernel's. */
    readonly tcpTimeout?: string
    readonly tcpFinTimeout?: string
    readonly udpTimeout?: string
    readonly syncPeriod?: string
    readonly minSyncPeriod?: string
  }
  readonly conntrack?: {
    readonly tcpBeLiberal?: boolean
    readonly tcpEstablishedTimeout?: string
    readonly tcpCloseWaitTimeout?: string
    readonly udpTimeout?: string
    readonly udpStreamTimeout?: string
    readonly [other: string]: unknown
  }
  /** Kubelet's and older spellings are kept so that nothing typed is lost. */
  readonly [other: string]: unknown
}

export type Client = ApiObjectBase & { readonly kind: 'Client'; readonly spec?: { readonly ip?: string; readonly via?: string } }

/** What holds for the whole cluster, gathered from kind's, kubeadm's, kube-proxy's and the controller manager's own formats. */
export type ClusterSettings = {
  readonly kubernetesVersion: '1.36'
  readonly mode: 'iptables' | 'nftables' | 'ipvs'
  readonly ipFamilies: readonly ('IPv4' | 'IPv6')[]
  readonly podCidrs: readonly string[]
  readonly serviceCidrs: readonly string[]
  /** The ServiceCIDR objects that kube-proxy knows, where they differ: bare input that states no Service CIDR has none. */
  readonly announcedServiceCidrs?: readonly string[]
  readonly nodePortRange: { readonly from: number; readonly to: number }
  readonly maxEndpointsPerSlice: number
  readonly proxy: KubeProxyConfiguration
  readonly clusterDomain: string
  readonly dnsServiceIps: readonly string[]
  /** Addresses handed to LoadBalancer Services, in order; an empty pool leaves them `<pending>`. */
  readonly loadBalancerPool: readonly string[]
}
