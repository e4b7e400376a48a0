# shellcheck shell=bash
# What teardown removes from a node: Kubernetes, its network, its containers.

remove_role() {
  remove_login_kubeconfig
  attempt systemctl disable --now kubelet
  rm -f /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf
  if command -v kubeadm >/dev/null; then
    attempt kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
  fi
  stop_containers
  # The kubelet makes it, and leaves it.
  if systemctl is-active -q kubepods.slice; then attempt systemctl stop kubepods.slice; fi
  unmount_below /var/lib/kubelet
  unmount_below /run/netns
  remove_network
  local directory
  FOLDERS=(/etc/kubernetes /var/lib/kubelet /var/lib/etcd /var/lib/cni /run/flannel /etc/cni/net.d /var/log/pods /var/log/containers)
  for directory in "${FOLDERS[@]}"; do
    empty "$directory"
  done
  FOLDERS+=(/etc/cni /opt/cni/bin /opt/cni /etc/containerd/certs.d /etc/containerd /run/netns)
  rm -f /opt/cni/bin/flannel /run/xtables.lock
  rm -f /etc/modules-load.d/kubeadm-ha.conf /etc/sysctl.d/90-kubeadm-ha.conf
  if [[ -f /etc/fstab ]] && grep -q '^#kubeadm-ha# ' /etc/fstab; then
    sed -i 's/^#kubeadm-ha# //' /etc/fstab
    attempt swapon -a
  fi
  rm -rf /etc/containerd/certs.d/_default
  restore /etc/containerd/config.toml
  if command -v containerd >/dev/null; then
    attempt systemctl stop containerd
    unmount_below /run/containerd
    # Its images are only ours where its package is.
    if grep -qxE 'containerd(\.io)?' "$STATE/packages" 2>/dev/null; then empty /var/lib/containerd; fi
  fi
}

# What kubeadm reset could not stop, because it was never installed or failed half-way.
stop_containers() {
  command -v ctr >/dev/null && systemctl is-active -q containerd || return 0
  local task
  for task in $(ctr -n k8s.io tasks ls -q 2>>"$LOG"); do attempt ctr -n k8s.io tasks kill --signal KILL "$task"; done
  for task in $(ctr -n k8s.io containers ls -q 2>>"$LOG"); do
    attempt ctr -n k8s.io tasks delete --force "$task"
    attempt ctr -n k8s.io containers delete "$task"
  done
}

remove_network() {
  local link table rules
  for link in cni0 flannel.1 kube-ipvs0; do
    if [[ -e /sys/class/net/$link ]]; then attempt ip link delete "$link"; fi
  done
  for table in iptables ip6tables; do
    command -v "$table-save" >/dev/null || continue
    rules=$("$table-save" 2>>"$LOG") || true
    if grep -qE 'KUBE-|FLANNEL-|CNI-' <<<"$rules"; then
      grep -vE 'KUBE-|FLANNEL-|CNI-' <<<"$rules" | without_idle_tables | attempt "$table-restore"
    fi
  done
  if command -v nft >/dev/null; then
    for table in 'ip kube-proxy' 'ip6 kube-proxy' 'ip flannel-ipv4' 'ip6 flannel-ipv6'; do
      # shellcheck disable=SC2086 # family and name
      nft list table $table >/dev/null 2>&1 && attempt nft delete table $table
    done
  fi
  return 0
}

# A table in which nothing is decided any more loses its own chains too: it came with its first rule.
without_idle_tables() {
  awk '/^\*/ { chains = ""; rules = ""; print; next }
    /^:/ { chains = chains $0 "\n"; if ($2 != "ACCEPT") busy = 1; next }
    /^COMMIT/ { if (busy) printf "%s%s", chains, rules; busy = 0; print; next }
    /^#/ { next }
    { rules = rules $0 "\n"; busy = 1 }'
}

remove_login_kubeconfig() {
  local home file
  home=$(getent passwd "$LOGIN_USER" | cut -d: -f6) || return 0
  file=$home/.kube/config
  [[ -f $file && -f $PKI/ca.crt ]] || return 0
  if grep -qF "$(base64 -w0 "$PKI/ca.crt")" "$file"; then
    rm -f "$file"
    rm -rf "$home/.kube/cache"
    rmdir "$home/.kube" 2>/dev/null || true
  fi
}

unmount_below() {
  local mount
  awk -v top="$1/" 'index($2, top) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r mount; do
    attempt umount --lazy "$mount"
  done
}
