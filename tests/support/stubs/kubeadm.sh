#!/usr/bin/bash
# kubeadm as the scripts see it: what it leaves on the host, and in the cluster made of files (kubectl.sh).
#   /cluster/kubeadm-fails   it fails, with this text, after it has begun
#   /cluster/kubeadm-fails-once   the same, the first time only
set -euo pipefail

# What `kubeadm init` and `kubeadm join` write before anything can fail.
begin() {
  mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests
  touch /etc/kubernetes/bootstrap-kubelet.conf /etc/kubernetes/pki/ca.crt
  if mv /cluster/kubeadm-fails-once /cluster/kubeadm-failed 2>/dev/null; then
    cat /cluster/kubeadm-failed >&2
    exit 1
  fi
  [[ ! -e /cluster/kubeadm-fails ]] || {
    cat /cluster/kubeadm-fails >&2
    exit 1
  }
  rm /etc/kubernetes/bootstrap-kubelet.conf
  touch /etc/kubernetes/kubelet.conf
}

control_plane() {
  touch /etc/kubernetes/manifests/kube-apiserver.yaml
  cp /var/lib/kubeadm-ha/admin.conf /etc/kubernetes/admin.conf
  mkdir -p /var/lib/etcd/member
}

# register: the Node of the host, as its kubelet makes it, with a new UID each time.
register() {
  mkdir -p "/cluster/nodes/$1"
  local count
  count=$(cat /cluster/uids 2>/dev/null || echo 0)
  echo $((count + 1)) >/cluster/uids
  printf 'uid-%s' $((count + 1)) >"/cluster/nodes/$1/uid"
  printf True >"/cluster/nodes/$1/ready"
  printf v1.37.2 >"/cluster/nodes/$1/version"
}

mkdir -p /cluster/nodes /cluster/api
case "$*" in
  'init --config '*)
    begin
    control_plane
    register cp1
    echo 'ee1, started, cp1, https://192.168.1.21:2380, https://192.168.1.21:2379, false' >>/cluster/etcd
    for address in 127.0.0.1:6443 192.168.1.21:6443; do echo 200 >"/cluster/api/$address"; done
    echo 'kubeadm join 127.0.0.1:6443 --token abcdef.0123456789abcdef'
    ;;
  'join --config '*)
    begin
    name=$(sed -n 's/^ *name: //p' "$3")
    if grep -q '^controlPlane:' "$3"; then
      control_plane
      address=$(sed -n 's/^ *advertiseAddress: //p' "$3")
      echo "ee$RANDOM, started, $name, https://$address:2380, https://$address:2379, false" >>/cluster/etcd
      echo 200 >"/cluster/api/$address:6443"
    fi
    register "$name"
    ;;
  'reset --force --cri-socket unix:///run/containerd/containerd.sock')
    rm -rf /etc/kubernetes/*.conf /etc/kubernetes/manifests/* /etc/kubernetes/pki
    ;;
  'config images list --kubernetes-version v'*)
    for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do echo "registry.k8s.io/$name:${*: -1}"; done
    printf 'registry.k8s.io/%s\n' coredns/coredns:v1.14.6 pause:3.10.2 etcd:3.7.0-0
    ;;
  *)
    echo "nobody expected: kubeadm $*" >&2
    exit 97
    ;;
esac
