# shellcheck shell=bash
# Puts a member's certificates and keys into a folder of ours: join-etcd gives them to etcd in the member's turn.
: "${HOST_NAME:?}" "${GENERATION:?}" "${ETCD_CA_CERTIFICATE:?}" "${SERVER_CERTIFICATE:?}" "${SERVER_KEY:?}"
: "${PEER_CERTIFICATE:?}" "${PEER_KEY:?}" "${HEALTH_CERTIFICATE:?}" "${HEALTH_KEY:?}"

main() {
  install -d -m 0700 "$PKI" "$PKI/etcd"
  put "$PKI/etcd/ca.crt" 0600 "$ETCD_CA_CERTIFICATE"
  put "$PKI/etcd/server.crt" 0600 "$SERVER_CERTIFICATE"
  put "$PKI/etcd/server.key" 0600 "$SERVER_KEY"
  put "$PKI/etcd/peer.crt" 0600 "$PEER_CERTIFICATE"
  put "$PKI/etcd/peer.key" 0600 "$PEER_KEY"
  put "$PKI/etcd/health.crt" 0600 "$HEALTH_CERTIFICATE"
  put "$PKI/etcd/health.key" 0600 "$HEALTH_KEY"
  local name
  for name in server peer health; do wait_for_clock "$PKI/etcd/$name.crt"; done
}
