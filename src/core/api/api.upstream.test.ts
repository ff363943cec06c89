import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { copyOf } from '../base/copy.ts'
import { parseCidr } from '../base/ip.ts'
import { Allocators, clusterIpBand, nodePortBand } from './allocate.ts'
import type { FieldError } from './field-error.ts'
import { printFieldError } from './field-error.ts'
import type { Service } from './kinds/service.ts'
import { allocateService } from './service/allocation.ts'
import { dropTypeDependentFields, normalizeClusterIps, patchAllocatedValues } from './service/normalise.ts'
import { validateEndpoints } from './validation/endpoints.ts'
import { validateEndpointSlice } from './validation/endpointslice.ts'
import { validateIngress, validateIngressClass, validateIngressCreate, validateIngressUpdate } from './validation/ingress.ts'
import { type Gates, validateService } from './validation/service.ts'
import { validateServiceUpdate } from './validation/service-update.ts'
import { serviceWarnings } from './validation/warnings.ts'
import { validateWorkload } from './validation/workload.ts'

// biome-ignore lint/suspicious/noExplicitAny: the files' objects are whatever the upstream tests built
type Any = any
type Vector = { id: string; fn: string; input: Any; expected: Any }
type Wanted = { field: string; type: string; message: string }

/** Vectors that cannot apply, with the reason. */
const leftOut: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'TestValidateServiceCreate/valid_legacy_cluster_ip_with_legacy_validation',
      'TestValidateServiceCreate/valid_legacy_externalIPs_with_legacy_validation',
      'TestValidateServiceCreate/valid_legacy_LoadBalancer_source_range_with_legacy_validation',
    ].map((id) => [id, 'the gate StrictIPCIDRValidation is off; it is on in 1.36']),
  ),
  'TestValidateEndpointSlice/legacy-ip-with-legacy-validation': 'gate off',
  'TestValidateEndpointsCreate/legacy_IPs_with_legacy_validation': 'gate off',
  'TestValidateEndpointSlice/zone-key-topology': 'guards a conversion between API versions that is not made here',
  'TestUpdateIPsFromSingleStack/dualstack:v4v6/single-dual_ip_in_use__@L7939': 'the Service that holds the address is not in the vector',
  'TestValidateIngress/no_defaultBackend_or_rules_specified': 'an empty list was lost in the recording; a live server prints null, as here',
  'TestValidateIngress/no_paths': 'an empty struct was lost in the recording',
}

const folder = process.env['KUBEHOP_VECTORS']

function vectorsOf(file: string, fn?: string): Vector[] {
  if (!folder) return []
  const { vectors } = JSON.parse(readFileSync(join(folder, 'upstream', 'control-plane', file), 'utf8')) as { vectors: Vector[] }
  return vectors.filter((vector) => (fn === undefined || vector.fn === fn) && !leftOut[vector.id])
}

const told = (errors: readonly FieldError[]) =>
  errors.map((error) => ({ field: error.field, type: error.type, message: printFieldError(error) }))
const wanted = (expected: readonly Wanted[]) => expected.map(({ field, type, message }) => ({ field, type, message }))

function gatesOf({ gates = {} }: Any): Gates {
  return {
    relaxedServiceName: gates.RelaxedServiceNameValidation ?? true,
    preferSameTrafficDistribution: gates.PreferSameTrafficDistribution ?? true,
    strictIp: gates.StrictIPCIDRValidation ?? true,
  }
}

const named = (object: Any, kind: string) => ({ kind, metadata: {}, spec: {}, ...object })

describe.runIf(folder)('upstream: Services', () => {
  test.each(vectorsOf('service-validation.json', 'ValidateServiceCreate'))('$id', ({ input, expected }) => {
    expect(told(validateService(named(input.service, 'Service'), undefined, gatesOf(input)))).toEqual(wanted(expected))
  })

  test.each(vectorsOf('service-validation.json', 'ValidateServiceUpdate'))('$id', ({ input, expected }) => {
    const errors = validateServiceUpdate(named(input.service, 'Service'), named(input.oldService, 'Service'), gatesOf(input))
    expect(told(errors)).toEqual(wanted(expected))
  })

  test.each(vectorsOf('service-warnings.json'))('$id', ({ input, expected }) => {
    expect(serviceWarnings(named(input.service, 'Service'), input.oldService && named(input.oldService, 'Service'))).toEqual(expected ?? [])
  })

  test.each(vectorsOf('service-update-normalisation.json'))('$fn $id', ({ fn, input, expected }) => {
    const service = copyOf(named(input.newService, 'Service')) as Any
    const old = input.oldService && named(input.oldService, 'Service')
    if (fn === 'patchAllocatedValues') patchAllocatedValues(service, old)
    if (fn === 'normalizeClusterIPs') normalizeClusterIps(service, old)
    if (fn === 'dropTypeDependentFields') dropTypeDependentFields(service, old)
    expect(service.spec).toEqual(expected.newService.spec)
  })

  test.each(vectorsOf('service-allocation.json'))('$fn $id', ({ input, expected }) => {
    const cidrs: Any = { IPv4: '10.0.0.0/16', IPv6: '2000::/108' }
    const allocators = new Allocators({
      serviceCidrs: input.clusterFamilies.map((family: string) => cidrs[family]),
      nodePortRange: { from: 30000, to: 32767 },
    })
    const service = { kind: 'Service', metadata: { name: 'foo' }, spec: copyOf(input.spec) } as Any
    const old = input.oldSpec ? ({ kind: 'Service', metadata: { name: 'foo' }, spec: input.oldSpec } as unknown as Service) : undefined
    if (old) {
      allocators.adopt(old)
      patchAllocatedValues(service, old)
    }
    normalizeClusterIps(service, old)
    const result = allocateService(service, old, allocators, false)
    if (expected.error) expect('refused' in result ? result.refused.message : 'allocated').toBe(expected.error)
    else {
      expect('refused' in result ? result.refused.message : '').toBe('')
      expect(blurred(service.spec, input)).toEqual(blurred(expected.spec, input))
    }
  })
})

/** Allocated numbers are random upstream: whatever the input did not ask for is compared by family and presence only. */
function blurred(spec: Any, { spec: asked, oldSpec }: Any): Any {
  const known = JSON.stringify([asked, oldSpec])
  const blur = (value: Any): Any => {
    if (Array.isArray(value)) return value.map(blur)
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => [
          key,
          key === 'nodePort' || key === 'healthCheckNodePort' ? (known.includes(String(member)) ? member : 'a port') : blur(member),
        ]),
      )
    if (typeof value !== 'string' || known.includes(`"${value}"`)) return value
    return parseCidr(`${value}/32`) ? 'an IPv4' : parseCidr(`${value}/128`) ? 'an IPv6' : value
  }
  return blur(spec)
}

describe.runIf(folder)('upstream: other kinds', () => {
  test.each(vectorsOf('endpointslice-validation.json'))('$id', ({ input, expected }) => {
    const slice = { ...input.endpointSlice }
    if (slice.endpointsRepeat) slice.endpoints = Array(slice.endpointsRepeat.times).fill(slice.endpointsRepeat.endpoint)
    if (slice.portsCount) slice.ports = Array.from({ length: slice.portsCount }, (_, index) => ({ name: `port-${index}`, protocol: 'TCP' }))
    expect(told(validateEndpointSlice(slice, input.oldEndpointSlice))).toEqual(wanted(expected))
  })

  test.each(vectorsOf('endpoints-validation.json'))('$id', ({ input, expected }) => {
    expect(told(validateEndpoints(input.endpoints))).toEqual(wanted(expected))
  })

  test.each(vectorsOf('ingress-validation.json'))('$fn $id', ({ fn, input, expected }) => {
    const { ingress, oldIngress, ingressClass, opts } = input
    const options = opts && {
      allowInvalidSecretName: opts.AllowInvalidSecretName,
      allowInvalidWildcardHostRule: opts.AllowInvalidWildcardHostRule,
      allowRelaxedServiceName: opts.AllowRelaxedServiceNameValidation,
    }
    const errors =
      fn === 'validateIngress'
        ? validateIngress(ingress, options)
        : fn === 'ValidateIngressCreate'
          ? validateIngressCreate(ingress, gatesOf(input))
          : fn === 'ValidateIngressUpdate'
            ? validateIngressUpdate(ingress, oldIngress, gatesOf(input))
            : validateIngressClass(ingressClass)
    expect(told(errors)).toEqual(wanted(expected))
  })

  test.each(vectorsOf('deployment-validation.json'))('$id', ({ input, expected }) => {
    expect(told(validateWorkload({ kind: 'Deployment', ...input.deployment }))).toEqual(wanted(expected))
  })

  test.each(vectorsOf('allocation-bands.json'))('$fn $id', ({ fn, input, expected }) => {
    if (fn === 'nodePort-band') expect(nodePortBand(input.size)).toBe(expected)
    else {
      const network = parseCidr(input.cidr)!
      expect(clusterIpBand(network.last - network.first + 1n)).toBe(expected)
    }
  })
})
