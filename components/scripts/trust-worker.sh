# shellcheck shell=bash
# Puts the join credential on a worker; the join takes it away again. A worker never has a CA's key.
: "${HOST_NAME:?}" "${GENERATION:?}" "${CA_CERTIFICATE:?}" "${JOIN_KUBECONFIG:?}"

main() {
  install -d -m 0700 "$PKI"
  put "$PKI/ca.crt" 0600 "$CA_CERTIFICATE"
  put "$JOIN_CONF" 0600 "$JOIN_KUBECONFIG"
  wait_for_clock "$PKI/ca.crt"
}
