#!/bin/bash
# The limit that the product is measured against: a cluster of three control planes and two workers as a careful person makes
# it with kubeadm, with everything at once that can be at once. Plain hosts that answer by SSH; nothing is made safe to run
# again, checked in between, or remembered. Frozen: bench/limit.ts holds the hash of this folder.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source-path=SCRIPTDIR
source common.sh

apt_source() {
  put "$1" /etc/apt/keyrings/mirror.asc 0644 <"$APT_KEY"
  put "$1" /etc/apt/sources.list 0644 <<<"deb [signed-by=/etc/apt/keyrings/mirror.asc] http://$MIRROR/apt ./"
  on "$1" 'rm -f /etc/apt/sources.list.d/*'
}

# Everything that a node needs before it joins, its images too.
node() {
  local role=worker
  [[ $1 != cp* ]] || role=control-plane
  apt_source "$1"
  put "$1" /root/node.sh 0700 <node.sh
  on "$1" "bash /root/node.sh $MIRROR $KUBERNETES_VERSION '$FLANNEL_IMAGES' $role"
}

balancer() {
  apt_source lb
  on lb "apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install haproxy >/root/apt.log 2>&1"
  {
    cat haproxy.cfg
    local name
    for name in "${CONTROL_PLANES[@]}"; do printf '  server %s %s:6443 check\n' "$name" "$(address "$name")"; done
  } | put lb /etc/haproxy/haproxy.cfg 0644
  on lb 'haproxy -q -c -f /etc/haproxy/haproxy.cfg && systemctl enable -q haproxy && systemctl restart haproxy'
}

prepare() {
  local balancer
  balancer &
  balancer=$!
  all node "${CONTROL_PLANES[@]}" "${WORKERS[@]}"
  wait "$balancer"
}

# Every control plane gets the same keys, so that none has to be handed over by the cluster.
trust() {
  tar -c -C "$WORK/pki" ca.crt ca.key front-proxy-ca.crt front-proxy-ca.key sa.key sa.pub etcd/ca.crt etcd/ca.key |
    on "$1" 'umask 077; mkdir -p /etc/kubernetes/pki; tar -x --no-same-owner -C /etc/kubernetes/pki'
}

init() {
  put cp1 /root/init.yaml 0600 <<YAML
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: $(address cp1), bindPort: 6443}
nodeRegistration:
  criSocket: unix:///run/containerd/containerd.sock
  kubeletExtraArgs: [{name: node-ip, value: $(address cp1)}]
  ignorePreflightErrors: [SystemVerification]
bootstrapTokens: []
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v$KUBERNETES_VERSION
controlPlaneEndpoint: $(address lb):6443
encryptionAlgorithm: ECDSA-P256
networking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.96.0.0/12}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
failCgroupV1: false
YAML
  on cp1 'kubeadm init --config /root/init.yaml --skip-token-print >/root/init.log 2>&1 || { tail -n 20 /root/init.log; exit 1; }'
}

kubectl() {
  on cp1 "KUBECONFIG=/etc/kubernetes/admin.conf kubectl $*"
}

flannel() {
  sed "s/ENDPOINT/$(address lb)/" flannel.yml | put cp1 /root/flannel.yml 0644
  kubectl apply -f /root/flannel.yml
}

join() {
  put "$1" /root/discovery.conf 0600 <<YAML
apiVersion: v1
kind: Config
clusters: [{name: kubernetes, cluster: {server: "https://$(address lb):6443", certificate-authority-data: $(base64 -w0 <"$WORK/pki/ca.crt")}}]
users: [{name: join, user: {client-certificate-data: $(base64 -w0 <"$WORK/pki/join.crt"), client-key-data: $(base64 -w0 <"$WORK/pki/join.key")}}]
contexts: [{name: join, context: {cluster: kubernetes, user: join}}]
current-context: join
YAML
  {
    cat <<YAML
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery: {file: {kubeConfigPath: /root/discovery.conf}}
nodeRegistration:
  criSocket: unix:///run/containerd/containerd.sock
  kubeletExtraArgs: [{name: node-ip, value: $(address "$1")}]
  ignorePreflightErrors: [SystemVerification]
YAML
    [[ $1 != cp* ]] || printf 'controlPlane: {localAPIEndpoint: {advertiseAddress: %s, bindPort: 6443}}\n' "$(address "$1")"
  } | put "$1" /root/join.yaml 0600
  on "$1" 'kubeadm join --config /root/join.yaml >/root/join.log 2>&1 || { tail -n 20 /root/join.log; exit 1; }; rm /root/discovery.conf'
}

ready() {
  kubectl wait --for=condition=Ready nodes --all --timeout=120s
  [[ $(kubectl get nodes --no-headers | wc -l) == 5 ]]
  # kubeadm's two CoreDNS replicas were placed while cp1 was alone: spread them.
  kubectl -n kube-system rollout restart deploy/coredns
  kubectl -n kube-system rollout status deploy/coredns --timeout=120s
}

main() {
  rm -rf "$WORK/pki"
  timed pki bash pki.sh "$WORK/pki"
  timed prepare prepare
  timed trust all trust "${CONTROL_PLANES[@]}"
  timed init init
  timed flannel flannel
  timed joins all join cp2 cp3 "${WORKERS[@]}"
  timed ready ready
}

main "$@"
