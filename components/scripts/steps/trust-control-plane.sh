# shellcheck shell=bash
# Puts the cluster's keys on a control plane, into a folder of ours: `kubeadm reset` empties its own.
: "${HOST_NAME:?}" "${GENERATION:?}" "${CA_CERTIFICATE:?}" "${CA_KEY:?}" "${FRONT_PROXY_CA_CERTIFICATE:?}" "${FRONT_PROXY_CA_KEY:?}"
: "${ETCD_CA_CERTIFICATE:?}" "${ETCD_CA_KEY?}" "${ETCD_CLIENT_CERTIFICATE?}" "${ETCD_CLIENT_KEY?}"
: "${SERVICE_ACCOUNT_KEY:?}" "${SERVICE_ACCOUNT_PUBLIC_KEY:?}"
: "${CLUSTER_NAME:?}" "${ENDPOINT:?}" "${ADMIN_CERTIFICATE:?}" "${ADMIN_KEY:?}" "${JOIN_CERTIFICATE:?}" "${JOIN_KEY:?}"

main() {
  install -d -m 0700 "$PKI" "$PKI/etcd"
  put "$PKI/ca.crt" 0600 "$CA_CERTIFICATE"
  put "$PKI/ca.key" 0600 "$CA_KEY"
  put "$PKI/front-proxy-ca.crt" 0600 "$FRONT_PROXY_CA_CERTIFICATE"
  put "$PKI/front-proxy-ca.key" 0600 "$FRONT_PROXY_CA_KEY"
  put "$PKI/etcd/ca.crt" 0600 "$ETCD_CA_CERTIFICATE"
  put_or_remove "$PKI/etcd/ca.key" "$ETCD_CA_KEY"
  put_or_remove "$PKI/apiserver-etcd-client.crt" "$ETCD_CLIENT_CERTIFICATE"
  put_or_remove "$PKI/apiserver-etcd-client.key" "$ETCD_CLIENT_KEY"
  put "$PKI/sa.key" 0600 "$SERVICE_ACCOUNT_KEY"
  put "$PKI/sa.pub" 0600 "$SERVICE_ACCOUNT_PUBLIC_KEY"
  write_kubeconfig "$ADMIN_CONF" kubernetes-admin "$ADMIN_CERTIFICATE" "$ADMIN_KEY"
  # A member whose certificate is renewed does not join again, so nobody would take the credential away.
  if [[ ! -f $STATE/joined || ! -f $STATE/generation || $(<"$STATE/generation") != "$GENERATION" ]]; then
    write_kubeconfig "$JOIN_CONF" kubeadm-ha-joiner "$JOIN_CERTIFICATE" "$JOIN_KEY"
  fi
  put "$STATE/generation" 0600 "$GENERATION"
  wait_for_clock "$PKI/ca.crt"
  [[ -z $ETCD_CLIENT_CERTIFICATE ]] || renew_etcd_client
}

put_or_remove() {
  if [[ -n $2 ]]; then put "$1" 0600 "$2"; else rm -f "$1"; fi
}

# A running API server reads its certificate for etcd anew at each handshake: a renewed one only has to be there.
renew_etcd_client() {
  local name=apiserver-etcd-client
  wait_for_clock "$PKI/$name.crt"
  [[ -f /etc/kubernetes/pki/$name.crt ]] && ! cmp -s "$PKI/$name.crt" "/etc/kubernetes/pki/$name.crt" || return 0
  note "renewing the API server's certificate for etcd"
  local part
  # The key is the same: the pair fits at every moment.
  for part in key crt; do write_file "/etc/kubernetes/pki/$name.$part" 0600 <"$PKI/$name.$part" || true; done
}
