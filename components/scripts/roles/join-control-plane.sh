# shellcheck shell=bash
# What a control plane's join has that a worker's has not.

# Cut off after its last step, a join is complete all the same.
is_complete_control_plane() {
  api_answers "$ADDRESS:6443" /readyz || return 1
  [[ $ETCD_TOPOLOGY == stacked ]] || return 0
  etcd_members "$HOST_NAME" 2>>"$LOG" |
    awk -v name="$HOST_NAME" '$2 == "started" && $3 == name && $5 == "false" { found = 1 } END { exit !found }'
}

# What an interrupted join left in stacked etcd: its learner.
remove_own_member() {
  [[ $ETCD_TOPOLOGY == stacked ]] || return 0
  remove_etcd_member "$(living_etcd "$HOST_NAME")" 4 "https://$ADDRESS:2380"
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
  ! cmp -s /etc/kubernetes/admin.conf "$file" || return 0
  install -d -m 0700 -o "$KUBECONFIG_USER" -g "$group" "$home/.kube"
  install -m 0600 -o "$KUBECONFIG_USER" -g "$group" /etc/kubernetes/admin.conf "$file.new"
  mv -f "$file.new" "$file"
}
