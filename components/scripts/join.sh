# shellcheck shell=bash
# Makes the host a member of the cluster, where it is not one already; prints the Node's UID.
: "${HOST_NAME:?}" "${ROLE:?}" "${ADDRESS:?}" "${GENERATION:?}" "${CLUSTER_ID:?}" "${ENDPOINT:?}" "${KUBEADM_CONFIG:?}"
: "${KUBECONFIG_USER?}"

JOINED=$STATE/joined

main() {
  if is_member; then
    note "already a member"
  else
    wait_until 60 "the API through the load balancer" api_answers "$ENDPOINT" /readyz ||
      die "the Kubernetes API does not answer this host through the load balancer at $ENDPOINT" \
        "check the balancer (journalctl -u haproxy there), the route and firewalls; kubeadm would wait in silence"
    clear_half_join
    join
  fi
  put "$JOINED" 0600 "$CLUSTER_ID"
  rm -f "$JOIN_CONF"
  [[ -z $KUBECONFIG_USER ]] || login_user_kubeconfig
  own_node_uid
}

# The founder has not joined but founded; a control plane whose join was cut off after its last step is complete too.
is_member() {
  [[ -e /etc/kubernetes/kubelet.conf ]] || return 1
  wait_until 20 "the API" api_answers "$ENDPOINT" /healthz || return 1
  own_node_uid >/dev/null 2>&1 || return 1
  if [[ -f $JOINED && $(<"$JOINED") == "$CLUSTER_ID" ]]; then return 0; fi
  if [[ $ROLE == worker ]]; then return 0; fi
  [[ -f $STATE/founded ]] || { api_answers "$ADDRESS:6443" /readyz && is_voting_member; }
}

own_node_uid() {
  kubectl --kubeconfig /etc/kubernetes/kubelet.conf --request-timeout=10s get node "$HOST_NAME" -o 'jsonpath={.metadata.uid}'
}

is_voting_member() {
  etcd_members "$HOST_NAME" 2>>"$LOG" | awk -v name="$HOST_NAME" '$2 == "started" && $3 == name && $5 == "false"' | grep -q .
}

# What an interrupted join left: on this host, and for a control plane its learner in etcd and its Node.
clear_half_join() {
  if [[ $ROLE == control-plane ]]; then remove_own_member; fi
  if compgen -G '/etc/kubernetes/*.conf' >/dev/null || compgen -G '/etc/kubernetes/manifests/*.yaml' >/dev/null ||
    [[ -e /etc/kubernetes/pki/ca.crt || -d /var/lib/etcd/member ]]; then
    note "a join was interrupted here: beginning again"
    reset_kubeadm
  fi
  if [[ $ROLE == control-plane ]]; then quiet kube delete node "$HOST_NAME" --ignore-not-found; fi
}

remove_own_member() {
  local node members id
  for node in $(kube -n kube-system get pods -l component=etcd -o 'jsonpath={.items[*].spec.nodeName}'); do
    [[ $node != "$HOST_NAME" ]] || continue
    if members=$(etcd_members "$node" 2>>"$LOG"); then
      id=$(awk -v url="https://$ADDRESS:2380" '$4 == url { print $1 }' <<<"$members")
      if [[ -n $id ]]; then
        note "removing the etcd member of an interrupted join"
        quiet etcdctl_on "$node" member remove "$id"
      fi
      return
    fi
  done
  die "no etcd member answers" "see that the control planes that have joined are healthy, then run \`pulumi up\` again"
}

join() {
  if [[ $ROLE == control-plane ]]; then install_pki; fi
  put "$STATE/kubeadm-join.yaml" 0600 "$KUBEADM_CONFIG"
  note "kubeadm join"
  quiet kubeadm join --config "$STATE/kubeadm-join.yaml"
  note "kubeadm join has ended"
}

# The login user's kubectl works on control planes, as after kubeadm's own instructions; a kubeconfig of another cluster
# is left alone.
login_user_kubeconfig() {
  local home group file
  home=$(getent passwd "$KUBECONFIG_USER" | cut -d: -f6)
  group=$(id -g "$KUBECONFIG_USER")
  file=$home/.kube/config
  if [[ -e $file ]] && ! grep -qF "$(base64 -w0 "$PKI/ca.crt")" "$file"; then
    note "$file belongs to another cluster: left as it is"
    return
  fi
  install -d -m 0700 -o "$KUBECONFIG_USER" -g "$group" "$home/.kube"
  install -m 0600 -o "$KUBECONFIG_USER" -g "$group" /etc/kubernetes/admin.conf "$file.new"
  mv -f "$file.new" "$file"
}
