# shellcheck shell=bash
# shellcheck disable=SC2034 # the steps use what seems unused here
# What the steps of every node share beside lib.sh and changes.sh: the way to the API, kubeadm.

JOIN_CONF=$STATE/join.conf
# kubectl would otherwise leave its discovery cache in root's home.
export KUBECACHEDIR=/run/kubeadm-ha/kubectl

# write_kubeconfig FILE USER CERTIFICATE KEY: to the cluster's API at ENDPOINT, for root alone. A cluster may be called 123 or
# true, which are no names without quotes.
write_kubeconfig() {
  local context=$2@$CLUSTER_NAME
  put "$1" 0600 "apiVersion: v1
kind: Config
clusters:
  - name: '$CLUSTER_NAME'
    cluster:
      server: https://$ENDPOINT
      certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")
users:
  - name: $2
    user:
      client-certificate-data: $(base64 -w0 <<<"${3%$'\n'}")
      client-key-data: $(base64 -w0 <<<"${4%$'\n'}")
contexts:
  - name: $context
    context: { cluster: '$CLUSTER_NAME', user: $2 }
current-context: $context"
}

# What API servers say, and balancers in their place, that have just begun or are about to end. nginx has no checks that
# would keep requests away from these.
UNREADY='orbidden|authorized|credentials|unable to handle|was refused|reset by|EOF|GOAWAY|handshake'

# patiently COMMAND...: again for up to 20 s, while it fails by an API server that is not ready.
patiently() {
  local begin=$SECONDS input='' said
  [[ ${!#} != - ]] || input=$(cat)
  until { said=$("$@" 2>&1 >&3 <<<"$input"); } 3>&1; do
    if [[ ! $said =~ $UNREADY ]] || ((SECONDS - begin >= 20)); then
      printf '%s\n' "$said" >&2
      return 1
    fi
    sleep 0.3
  done
  waited "$begin" "an API server"
  [[ -z $said ]] || printf '%s\n' "$said" >&2
}

# api_answers HOST:PORT PATH: does an API server of this cluster (by its CA) answer 200?
api_answers() {
  [[ $(curl -s -o /dev/null -m 3 -w '%{http_code}' --cacert "$PKI/ca.crt" "https://$1$2") == 200 ]]
}

# reset_kubeadm: undoes a kubeadm run on this host without any contact to the cluster. Without the administrator's
# kubeconfig `kubeadm reset` has no client: it removes no member and does not wait for one.
reset_kubeadm() {
  systemctl stop kubelet 2>>"$LOG" || true
  rm -f /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf
  quiet kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
  if [[ -d /var/lib/etcd ]]; then find /var/lib/etcd -mindepth 1 -delete; fi
  # The next Node may get other pod addresses, and a bridge that has one keeps it: no pod would start.
  remove_links
  rm -rf /var/lib/cni/networks/cbr0 /run/flannel
}

# remove_links: the pod network's interfaces.
remove_links() {
  local link
  for link in cni0 flannel.1 kube-ipvs0; do
    ip link delete "$link" 2>>"$LOG" || true
  done
}
