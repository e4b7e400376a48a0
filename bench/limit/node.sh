#!/bin/bash
# Runs on a node: packages, kernel settings, containerd, and the images that the node will run.
# usage: node.sh MIRROR KUBERNETES_VERSION FLANNEL_IMAGES control-plane|worker
set -euo pipefail

main() {
  local mirror=$1 version=$2 flannel=$3 role=$4
  printf 'net.bridge.bridge-nf-call-iptables = 1\nnet.bridge.bridge-nf-call-ip6tables = 1\nnet.ipv4.ip_forward = 1\n' \
    >/etc/sysctl.d/90-kubernetes.conf
  sysctl -q -p /etc/sysctl.d/90-kubernetes.conf

  # Its package starts containerd: with its configuration already there, it needs no second start.
  mkdir -p /etc/containerd/certs.d/_default
  cat >/etc/containerd/config.toml <<'CONFIG'
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10.2"
  # Lab only: its hosts lack CAP_SYS_RESOURCE, so nobody there may lower an oom_score_adj.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = true
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "/etc/containerd/certs.d"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni/bin"
    conf_dir = "/etc/cni/net.d"
CONFIG
  printf '[host."http://%s:5000"]\n  capabilities = ["pull", "resolve"]\n' "$mirror" >/etc/containerd/certs.d/_default/hosts.toml

  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq -y -o Dpkg::Options::=--force-confold --no-install-recommends install "kubelet=$version-*" "kubeadm=$version-*" \
    "kubectl=$version-*" containerd ca-certificates conntrack curl ethtool iptables jq kmod openssl socat >/root/apt.log 2>&1 ||
    { tail -n 5 /root/apt.log && exit 1; }
  systemctl enable -q containerd kubelet
  systemctl is-active -q containerd || systemctl restart containerd

  local wanted='/(coredns|kube-proxy|pause):' image
  if [[ $role == control-plane ]]; then wanted='.'; fi
  for image in $(kubeadm config images list --kubernetes-version "v$version" | grep -E "$wanted") $flannel; do
    ctr -n k8s.io images pull --hosts-dir /etc/containerd/certs.d "$image" >/root/pull.log 2>&1 ||
      { tail -n 5 /root/pull.log && exit 1; }
  done
}

main "$@" </dev/null
