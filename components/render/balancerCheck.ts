import { nginxHealthPort } from "../../config/ports";

/** Where the check lies on a balancer host: root's own, for keepalived runs it. */
export const balancerCheckFile = "/usr/local/lib/kubeadm-ha/check-balancer";

/** The part of a balancer's settings that the check depends on. */
export type CheckedBalancer =
  | { readonly kind: "haproxy"; readonly metrics: { readonly port: number } }
  | { readonly kind: "nginx" };

/**
 * The program that says by its exit status whether the balancer on its host answers: the balancer itself, not the API
 * servers behind it, of which there are none yet before the cluster is founded.
 *
 * One that refuses gets half a second, in which its service may come back; one that is silent gets two.
 */
export function balancerCheck(balancer: CheckedBalancer): string {
  const [port, request] =
    balancer.kind === "haproxy"
      ? [balancer.metrics.port, "  printf 'GET /healthz HTTP/1.0\\r\\n\\r\\n' >&3\n"]
      : [nginxHealthPort, ""];
  return `#!/bin/bash
# Written by kubeadm-ha: does the balancer on this host answer?
if [[ \${1:-} == once ]]; then
  exec 3<>/dev/tcp/127.0.0.1/${port} || exit 1
${request}  while read -r -u 3 line; do [[ $line != ok ]] || exit 0; done
  exit 1
fi

for pause in 0.25 0.25 0; do
  timeout 2 "$0" once 2>/dev/null
  case $? in
    0) exit 0 ;;
    124) exit 1 ;;
  esac
  sleep "$pause"
done
exit 1
`;
}
