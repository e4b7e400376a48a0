# shellcheck shell=bash
# Puts the cluster's keys on a control plane, into a folder of ours: `kubeadm reset` empties its own.
: "${HOST_NAME:?}" "${GENERATION:?}" "${CA_CERTIFICATE:?}" "${CA_KEY:?}" "${FRONT_PROXY_CA_CERTIFICATE:?}" "${FRONT_PROXY_CA_KEY:?}"
: "${ETCD_CA_CERTIFICATE:?}" "${ETCD_CA_KEY:?}" "${SERVICE_ACCOUNT_KEY:?}" "${SERVICE_ACCOUNT_PUBLIC_KEY:?}"
: "${ADMIN_KUBECONFIG:?}" "${JOIN_KUBECONFIG:?}"

main() {
  install -d -m 0700 "$PKI" "$PKI/etcd"
  put "$PKI/ca.crt" 0600 "$CA_CERTIFICATE"
  put "$PKI/ca.key" 0600 "$CA_KEY"
  put "$PKI/front-proxy-ca.crt" 0600 "$FRONT_PROXY_CA_CERTIFICATE"
  put "$PKI/front-proxy-ca.key" 0600 "$FRONT_PROXY_CA_KEY"
  put "$PKI/etcd/ca.crt" 0600 "$ETCD_CA_CERTIFICATE"
  put "$PKI/etcd/ca.key" 0600 "$ETCD_CA_KEY"
  put "$PKI/sa.key" 0600 "$SERVICE_ACCOUNT_KEY"
  put "$PKI/sa.pub" 0600 "$SERVICE_ACCOUNT_PUBLIC_KEY"
  put "$ADMIN_CONF" 0600 "$ADMIN_KUBECONFIG"
  put "$JOIN_CONF" 0600 "$JOIN_KUBECONFIG"
  wait_for_clock
}
