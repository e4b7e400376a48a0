# shellcheck shell=bash
# What teardown removes from a node: Kubernetes, its network, its containers.

remove_role() {
  if [[ $ROLE == control-plane ]]; then remove_login_kubeconfig; fi
  attempt systemctl disable --now kubelet
  rm -f /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf
  if command -v kubeadm >/dev/null; then
    attempt kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
  fi
  stop_containers
  # The kubelet makes it, and leaves it.
  systemctl stop kubepods.slice 2>>"$LOG" || true
  unmount_below /var/lib/kubelet
  unmount_below /run/netns
  remove_network
  FOLDERS=(/etc/kubernetes /var/lib/{kubelet,etcd,cni} /run/flannel /etc/cni/net.d /var/log/{pods,containers})
  empty "${FOLDERS[@]}"
  # Made by the kubelet and the runtime, for what somebody may bring.
  FOLDERS+=(/usr/libexec/kubernetes{/kubelet-plugins{/volume{/exec,},},} /lib/modules /run/netns)
  FOLDERS+=(/etc/cni /opt/cni{/bin,} /etc/containerd{/certs.d,} /opt/containerd{/bin,/lib,})
  rm -f /opt/cni/bin/flannel /run/xtables.lock /etc/modules-load.d/kubeadm-ha.conf /etc/sysctl.d/90-kubeadm-ha.conf
  if grep -qs '^#kubeadm-ha# ' /etc/fstab; then
    sed -i 's/^#kubeadm-ha# //' /etc/fstab
    attempt swapon -a
  fi
  rm -rf /etc/containerd/certs.d/_default
  restore /etc/containerd/config.toml
  if command -v containerd >/dev/null; then
    attempt systemctl stop containerd
    # Of a pod that was being made while the kubelet ended; containerd leaves its shims when it stops, and does not know this one.
    pkill -KILL -f 'containerd-shim[^ ]* -namespace k8s\.io ' || true
    unmount_below /run/containerd
    # Its images are only ours where its package is.
    if brought containerd containerd.io; then
      empty /var/lib/containerd
      rm -rf --one-file-system /run/containerd
      FOLDERS+=(/var/lib/containerd)
    fi
  fi
}

# What kubeadm reset could not stop, because it was never installed or failed half-way.
stop_containers() {
  command -v ctr >/dev/null && systemctl is-active -q containerd || return 0
  local container
  for container in $(ctr -n k8s.io containers ls -q 2>>"$LOG"); do
    # Kills it first.
    attempt ctr -n k8s.io tasks delete --force "$container"
    attempt ctr -n k8s.io containers delete "$container"
  done
}

remove_network() {
  local table rules
  remove_links
  for table in iptables ip6tables; do
    command -v "$table-save" >/dev/null || continue
    rules=$("$table-save" 2>>"$LOG") || true
    if grep -qE 'KUBE-|FLANNEL-|CNI-' <<<"$rules"; then
      rules=$(grep -vE 'KUBE-|FLANNEL-|CNI-' <<<"$rules")
      # A table's own chain that decides nothing goes, too: it came with a first rule.
      awk '/^\*/ { table = $0 } NR == FNR { if (/^-A/) used[table, $2]; next } !/^:.* ACCEPT/ || (table, substr($1, 2)) in used' \
        <(cat <<<"$rules") <(cat <<<"$rules") | attempt "$table-restore"
    fi
  done
  for table in 'ip kube-proxy' 'ip6 kube-proxy' 'ip flannel-ipv4' 'ip6 flannel-ipv6'; do
    # shellcheck disable=SC2086 # family and name; there may be none, and no nft
    nft delete table $table 2>>"$LOG" || true
  done
}

unmount_below() {
  awk -v top="$1/" 'index($2, top) == 1 { print $2 }' /proc/self/mounts | sort -r | attempt xargs -r umount --lazy
}
