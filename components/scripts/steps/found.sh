# shellcheck shell=bash
# Founds the cluster, once: `kubeadm init` on the first control plane. Whatever happened before, a second cluster must
# not come of it: the CA and the cluster id tell whether what is there is ours.
: "${HOST_NAME:?}" "${CLUSTER_ID:?}" "${ENDPOINT:?}" "${KUBEADM_CONFIG:?}" "${JOIN_RBAC:?}" "${SETTINGS:?}"
: "${BALANCER:?}"

INITIALISED=$STATE/initialised

main() {
  if [[ -f $STATE/founded && $(<"$STATE/founded") == "$CLUSTER_ID" ]]; then
    note "already founded here"
    return
  fi
  # One that exists already may well refuse connections as long as there is no API server behind it.
  [[ $BALANCER == existing ]] || wait_until 60 "the load balancer" tcp_open "${ENDPOINT%:*}" "${ENDPOINT##*:}" ||
    die "the load balancer at $ENDPOINT does not accept connections from this host" \
      "check that $ENDPOINT leads to the balancer and that no firewall is in between"
  if api_answers "$ENDPOINT" /healthz; then
    if is_recorded; then
      note "already founded: the endpoint answers"
      return
    fi
    kubeadm_has_run || die "a cluster with this stack's CA answers at $ENDPOINT but has no record of kubeadm-ha" \
      "see journalctl -t kubeadm-ha on every control plane; nothing was changed"
  else
    refuse_foreign_endpoint
  fi
  if [[ -f $INITIALISED && $(<"$INITIALISED") == "$CLUSTER_ID" ]]; then
    note "kubeadm init had ended: going on from there"
  else
    initialise
  fi
  complete
}

# An API server with our own CA answers: did an earlier run found the cluster, without Pulumi recording it? Only the API
# can say that there is no record: one that fails to answer says nothing, and this host may be a living member.
is_recorded() {
  local id begin=$SECONDS error=$STATE/record-error
  until id=$(cluster_record clusterId 2>"$error"); do
    # Forbidden: kubeadm init was cut off before it gave the administrator's group its rights.
    if grep -qE '\((NotFound|Forbidden)\)' "$error"; then return 1; fi
    ((SECONDS - begin < 60)) || die "the API at $ENDPOINT does not say whether the cluster is founded already: $(tail -n 1 "$error")" \
      "see that a majority of the control planes is up, then run \`pulumi up\` again; nothing was changed"
    sleep 0.3
  done
  [[ $id == "$CLUSTER_ID" ]] || die "another cluster answers at $ENDPOINT; nothing was changed" \
    "give the stack an endpoint of its own"
}

refuse_foreign_endpoint() {
  local code
  code=$(curl -sk -o /dev/null -m 3 -w '%{http_code}' "https://$ENDPOINT/version" || true)
  [[ $code == 000 ]] || die "something that is not this cluster answers at $ENDPOINT; nothing was changed" \
    "give the stack an endpoint of its own"
}

kubeadm_has_run() {
  [[ -e /etc/kubernetes/kubelet.conf || -e /etc/kubernetes/admin.conf || -d /var/lib/etcd/member ]] ||
    compgen -G '/etc/kubernetes/manifests/*.yaml' >/dev/null
}

# Nobody can have joined what has no record yet, so beginning again loses nothing.
initialise() {
  if kubeadm_has_run; then
    note "found half-made: beginning again"
    reset_kubeadm
  fi
  install_pki
  put "$STATE/kubeadm-init.yaml" 0600 "$KUBEADM_CONFIG"
  note "kubeadm init"
  quiet kubeadm init --config "$STATE/kubeadm-init.yaml" --skip-token-print
  note "kubeadm init has ended"
  put "$INITIALISED" 0600 "$CLUSTER_ID"
}

complete() {
  wait_until 180 "the API through the load balancer" api_answers "$ENDPOINT" /readyz ||
    die "the API server runs but does not answer through the load balancer at $ENDPOINT" \
      "the balancer's journal shows what it sees of this API server"
  # kubeadm makes a bootstrap token whatever its configuration says; joins here do without.
  quiet kube -n kube-system delete secrets --field-selector type=bootstrap.kubernetes.io/token --ignore-not-found
  quiet kube apply -f - <<<"$JOIN_RBAC"
  # The record is written last: it says that everything before it is done.
  kube -n kube-system create configmap kubeadm-ha --dry-run=client -o yaml \
    --from-literal=clusterId="$CLUSTER_ID" --from-literal=settings="$SETTINGS" --from-literal=members= >"$STATE/record.yaml"
  quiet kube apply -f "$STATE/record.yaml"
  rm -f "$STATE/record.yaml"
  put "$STATE/founded" 0600 "$CLUSTER_ID"
}
