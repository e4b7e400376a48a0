# shellcheck shell=bash
# Puts the join credential on a worker; the join takes it away again. A worker never has a CA's key.
: "${HOST_NAME:?}" "${GENERATION:?}" "${CA_CERTIFICATE:?}" "${CLUSTER_NAME:?}" "${ENDPOINT:?}"
: "${JOIN_CERTIFICATE:?}" "${JOIN_KEY:?}"

main() {
  install -d -m 0700 "$PKI"
  put "$PKI/ca.crt" 0600 "$CA_CERTIFICATE"
  write_kubeconfig "$JOIN_CONF" kubeadm-ha-joiner "$JOIN_CERTIFICATE" "$JOIN_KEY"
  wait_for_clock "$PKI/ca.crt"
}
