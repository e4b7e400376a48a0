# shellcheck shell=bash
# Makes the host a member of the cluster, where it is not one already; prints the Node's UID. What only control planes
# need for that is in join-control-plane.sh, which workers do not have.
: "${HOST_NAME:?}" "${ROLE:?}" "${ADDRESS:?}" "${GENERATION:?}" "${CLUSTER_ID:?}" "${ENDPOINT:?}" "${KUBEADM_CONFIG:?}"
: "${KUBECONFIG_USER?}" "${ETCD_TOPOLOGY:?}"

JOINED=$STATE/joined

main() {
  if is_member; then
    note "already a member"
  else
    # kubeadm would wait in silence.
    reach_api 60 /readyz
    join $SECONDS
  fi
  put "$JOINED" 0600 "$CLUSTER_ID"
  rm -f "$JOIN_CONF"
  [[ -z $KUBECONFIG_USER ]] || login_user_kubeconfig
  # The kubelet makes its Node by itself, some time after kubeadm has ended.
  wait_until 90 "the kubelet to register its Node" own_node_uid ||
    die "the kubelet does not register its Node" "journalctl -u kubelet"
  own_node_uid
}

# reach_api SECONDS PATH
reach_api() {
  wait_until "$1" "the API through the load balancer" api_answers "$ENDPOINT" "$2" ||
    die "the Kubernetes API does not answer this host through the load balancer at $ENDPOINT" \
      "check the balancer (its journal says what it does), the route and firewalls"
}

# A host that was a member stays one, unless the API says that its Node is gone: an API that cannot be asked, or does not
# take the kubelet's credential, is no reason to reset it.
is_member() {
  local answer
  [[ -e /etc/kubernetes/kubelet.conf ]] || return 1
  reach_api 30 /healthz
  if answer=$(own_node_uid 2>&1); then
    joined_before || [[ $ROLE == worker ]] || is_complete_control_plane
  elif joined_before && [[ $answer != *NotFound* ]]; then
    die "this host is a member, but the API does not take its kubelet's credential: ${answer%%$'\n'*}" \
      "journalctl -u kubelet; to make it join anew, remove it in one \`pulumi up\` and add it in the next"
  else
    return 1
  fi
}

# The founder has not joined but founded.
joined_before() {
  [[ -f $JOINED && $(<"$JOINED") == "$CLUSTER_ID" ]] || [[ -f $STATE/founded && $(<"$STATE/founded") == "$CLUSTER_ID" ]]
}

own_node_uid() {
  patiently kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=10s get node "$HOST_NAME" -o 'jsonpath={.metadata.uid}'
}

# What an interrupted join left: on this host, and for a control plane its learner in stacked etcd and its Node.
clear_half_join() {
  if [[ $ROLE == control-plane ]]; then remove_own_member; fi
  if compgen -G '/etc/kubernetes/*.conf' >/dev/null || compgen -G '/etc/kubernetes/manifests/*.yaml' >/dev/null ||
    [[ -e /etc/kubernetes/pki/ca.crt || -d /var/lib/etcd/member ]]; then
    note "a join was interrupted here: beginning again"
    reset_kubeadm
  fi
  if [[ $ROLE == control-plane ]]; then quiet kube delete node "$HOST_NAME" --ignore-not-found; fi
}

# join BEGIN: also what an API server that was not ready has cut off, in the first minute. (That a connection is refused
# says kubectl of kubelets, too, but kubeadm of API servers alone.)
join() {
  local said
  clear_half_join
  if [[ $ROLE == control-plane ]]; then install_pki; fi
  put "$STATE/kubeadm-join.yaml" 0600 "$KUBEADM_CONFIG"
  note "kubeadm join"
  if said=$(quiet kubeadm join --config "$STATE/kubeadm-join.yaml" 2>&1); then
    note "kubeadm join has ended"
  elif ((SECONDS - $1 < 60)) && [[ $said =~ $UNREADY|refused ]]; then
    sleep 1
    join "$1"
  else
    trap - ERR
    printf '%s\n' "$said" >&2
    exit 1
  fi
}
