# shellcheck shell=bash
# shellcheck disable=SC2034 # the steps use what seems unused here
# What the steps of a control plane share beside node.sh: the API as its administrator, stacked etcd's members, the PKI.

ADMIN_CONF=$STATE/admin.conf

# kube ARGUMENTS...: kubectl as the administrator, through the balancer.
kube() {
  patiently kubectl --kubeconfig "$ADMIN_CONF" --request-timeout=20s "$@"
}

# etcdctl_on NODE ARGUMENTS...: etcdctl inside a control plane's etcd pod.
etcdctl_on() {
  local node=$1 pki=/etc/kubernetes/pki/etcd
  shift
  patiently timeout 20 kubectl --kubeconfig "$ADMIN_CONF" -n kube-system exec "etcd-$node" -c etcd -- \
    etcdctl --endpoints=https://127.0.0.1:2379 --command-timeout=10s \
    --cacert="$pki/ca.crt" --cert="$pki/server.crt" --key="$pki/server.key" "$@"
}

# etcd_serves NODE: does its etcd member answer what only a majority can? (`endpoint health` asks the same and then minds
# alarms: a member without space is no dead one.)
etcd_serves() {
  etcdctl_on "$1" get health >>"$LOG" 2>&1
}

# living_etcd [EXCEPT]: a control plane whose etcd member serves; the one this step runs on need not be.
living_etcd() {
  local node
  for node in $(kube -n kube-system get pods -l component=etcd -o 'jsonpath={.items[*].spec.nodeName}'); do
    if [[ $node != "${1:-}" ]] && etcd_serves "$node"; then
      printf '%s' "$node"
      return
    fi
  done
  die "no etcd member answers" "see that the control planes that have joined are healthy, then run \`pulumi up\` again"
}

# etcd_members NODE: a line for each member as that node's etcd sees it: id status name peer-url learner(true|false)
etcd_members() {
  etcdctl_on "$1" member list | awk -F', ' '{ print $1, $2, ($3 == "" ? "-" : $3), $4, $6 }'
}

# remove_etcd_member NODE FIELD VALUE: removes the member whose FIELD (3: name, 4: peer URL) is VALUE, if there is one;
# NODE's etcd is asked.
remove_etcd_member() {
  local id
  id=$(etcd_members "$1" | awk -v field="$2" -v value="$3" '$field == value { print $1 }')
  [[ -n $id ]] || return 0
  note "removing the etcd member $3"
  quiet etcdctl_on "$1" member remove "$id"
}

# lease_of NODE: when its kubelet last renewed its lease, which it does every ten seconds; empty where there is none.
lease_of() {
  kube -n kube-node-lease get lease "$1" --ignore-not-found -o 'jsonpath={.spec.renewTime}'
}

# lease_moved NODE TIME: has its kubelet renewed its lease since then?
lease_moved() {
  local now
  now=$(lease_of "$1")
  [[ -n $now && $now != "$2" ]]
}

# cluster_record FIELD: what the cluster's own record (a ConfigMap) says.
cluster_record() {
  kube -n kube-system get configmap kubeadm-ha -o "go-template={{ index .data \"$1\" }}"
}

# write_cluster_record FIELD TEXT
write_cluster_record() {
  local patch
  patch=$(jq -n --arg field "$1" --arg text "$2" '{data: {($field): $text}}')
  quiet kube -n kube-system patch configmap kubeadm-ha --type merge -p "$patch"
}

# install_pki: the cluster's CAs and keys, from our own folder to where kubeadm looks for them. With external etcd there is
# no key of etcd's CA, but the API server's certificate for it.
install_pki() {
  mkdir -p /etc/kubernetes/pki/etcd
  local file
  for file in ca.crt ca.key front-proxy-ca.crt front-proxy-ca.key sa.key sa.pub etcd/ca.crt etcd/ca.key \
    apiserver-etcd-client.crt apiserver-etcd-client.key; do
    [[ ! -f $PKI/$file ]] || install -m 0600 "$PKI/$file" "/etc/kubernetes/pki/$file"
  done
}
