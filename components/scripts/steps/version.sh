# shellcheck shell=bash
# Brings a control plane to the stack's component settings, one control plane after the other: today the list of an external
# etcd's members that its API server talks to. Joins carry no such settings: what changes later changes here.
# LEAVING is what admit-etcd printed; a change of it makes this step run.
: "${HOST_NAME:?}" "${ADDRESS:?}" "${ETCD_ENDPOINTS:?}" "${NODE_CONFIG:?}" "${LEAVING?}"

MANIFEST=/etc/kubernetes/manifests/kube-apiserver.yaml

SETTINGS_FILE=$STATE/kubeadm-settings.yaml

main() {
  update_cluster_configuration
  if ! manifest_says; then
    note "the API server's etcd members: $ETCD_ENDPOINTS"
    quiet kubeadm init phase control-plane apiserver --config "$SETTINGS_FILE"
    manifest_says || die "kubeadm has written no API server with the etcd members $ETCD_ENDPOINTS" "see $MANIFEST"
  fi
  # The next control plane has its turn only when this one serves again.
  wait_until 180 "the API server with these etcd members" serves_so ||
    die "the API server does not become ready with the etcd members $ETCD_ENDPOINTS" \
      "crictl logs of kube-apiserver, and journalctl -u kubelet; the other control planes were not changed"
}

# kubeadm's own record comes first: a control plane that joins reads it. Of what it says only the members change. Since 1.35
# kubeadm writes them down a second time (httpEndpoints), and a joining one asks each of those for etcd's version.
update_cluster_configuration() {
  local recorded wanted
  recorded=$(kube -n kube-system get configmap kubeadm-config -o 'jsonpath={.data.ClusterConfiguration}')
  wanted=$(awk -v endpoints="$ETCD_ENDPOINTS" '
    listed && /^ *- / { next }
    { listed = 0; print }
    /^ *(endpoints|httpEndpoints):$/ {
      listed = 1
      indent = $0
      sub(/[a-zA-Z]+:/, "", indent)
      count = split(endpoints, list, ",")
      for (i = 1; i <= count; i++) print indent "- " list[i]
    }' <<<"$recorded")
  put "$SETTINGS_FILE" 0600 "${NODE_CONFIG%$'\n'}
---
$wanted"
  [[ $wanted != "$recorded" ]] || return 0
  note "kubeadm's ClusterConfiguration gets the etcd members $ETCD_ENDPOINTS"
  quiet kubeadm init phase upload-config kubeadm --config "$SETTINGS_FILE"
}

manifest_says() {
  [[ -f $MANIFEST ]] && grep -qE -- "^ *- --etcd-servers=$ETCD_ENDPOINTS\$" "$MANIFEST"
}

# The old API server answers until the kubelet has replaced it: only one that runs with these members counts.
serves_so() {
  grep -sqxzF -- "--etcd-servers=$ETCD_ENDPOINTS" /proc/[0-9]*/cmdline && api_answers "$ADDRESS:6443" /readyz
}
