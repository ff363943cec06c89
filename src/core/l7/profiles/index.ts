import type { Profile } from '../profile.ts'
import { cloud } from './cloud.ts'
import { haproxy } from './haproxy.ts'
import { nginx } from './nginx.ts'
import { spec } from './spec.ts'
import { traefik } from './traefik.ts'

/** The behaviour profiles, each one controller's. */
export const profiles: readonly Profile[] = [spec, nginx, traefik, haproxy, cloud]

/** The profile of a controller string (`k8s.io/ingress-nginx`), or undefined for one that is not modelled. */
export function profileOf(controller: string): Profile | undefined {
  return profiles.find((profile) => profile.controller === controller)
}

/** Controllers by the images that people run. */
const IMAGES: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)ingress-nginx\/controller(:|@|$)/, nginx.controller],
  [/(^|\/)nginx-ingress-controller(:|@|$)/, nginx.controller],
  [/(^|\/)traefik(:|@|$)/, traefik.controller],
  [/(^|\/)haproxytech\/kubernetes-ingress(:|@|$)/, haproxy.controller],
]

/** The controller that an image is known to be, or undefined. */
export function controllerOfImage(image: string): string | undefined {
  return IMAGES.find(([pattern]) => pattern.test(image))?.[1]
}
