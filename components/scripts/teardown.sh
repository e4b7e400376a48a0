# shellcheck shell=bash
# Takes from a host all that this product put there. It never talks to the cluster, it acts only on a host whose marker
# is this very host's, and it succeeds on a clean or a half-made one.
: "${HOST_NAME:?}" "${ROLE:?}" "${CLUSTER_ID:?}" "${LOGIN_USER:?}"

export TAKE_OVER=yes # for run_step: what still runs here would undo this

main() {
  if [[ ! -f $MARKER ]]; then
    note "nothing of ours here"
    return
  fi
  local owner
  owner="$(marker_field cluster) $(marker_field name) $(marker_field role)"
  if [[ $owner != "$CLUSTER_ID $HOST_NAME $ROLE" ]]; then
    note "this machine is someone else's now ($owner): left as it is"
    return
  fi
  case $ROLE in
    load-balancer) remove_balancer ;;
    etcd) remove_etcd ;;
    *) remove_kubernetes ;;
  esac
  remove_hosts_entries
  remove_packages
  rm -f /etc/apt/sources.list.d/kubeadm-ha.list /etc/apt/keyrings/kubeadm-ha.asc
  rm -rf "$LIBRARY" "$STATE" /run/kubeadm-ha
  note "clean"
  LOG=/dev/null
  rm -rf "$LOG_DIRECTORY"
}

remove_balancer() {
  local service
  # The virtual IP goes first: a peer takes it while this balancer still serves.
  for service in keepalived haproxy nginx; do
    systemctl cat "$service" >/dev/null 2>&1 || continue
    attempt systemctl disable --now "$service"
    rm -f "/etc/systemd/system/$service.service.d/kubeadm-ha.conf"
    rmdir "/etc/systemd/system/$service.service.d" 2>/dev/null || true
  done
  attempt systemctl daemon-reload
  rm -f /etc/keepalived/kubeadm-ha.nft /etc/{keepalived,haproxy,nginx}/*.new
  restore /etc/haproxy/haproxy.cfg
  restore /etc/nginx/nginx.conf
  restore /etc/keepalived/keepalived.conf
}

# kubeadm never touches an external etcd: its data go here, so that a later cluster is a new one.
remove_etcd() {
  attempt systemctl disable --now etcd
  rm -f /etc/systemd/system/etcd.service /run/kubeadm-ha/etcd-start.env
  attempt systemctl daemon-reload
  attempt systemctl reset-failed etcd
  empty /var/lib/etcd
  # It may be a mount point.
  if ! rmdir /var/lib/etcd 2>/dev/null; then attempt chown root:root /var/lib/etcd; fi
  rm -rf /etc/etcd
  local program
  for program in etcd etcdctl etcdutl; do
    if [[ $(readlink "/usr/local/bin/$program") == /opt/etcd/* ]]; then rm -f "/usr/local/bin/$program"; fi
  done
  rm -rf /opt/etcd
  if [[ -f $STATE/etcd-user ]]; then attempt userdel etcd; fi
}

remove_kubernetes() {
  remove_login_kubeconfig
  attempt systemctl disable --now kubelet
  rm -f /etc/kubernetes/admin.conf /etc/kubernetes/super-admin.conf
  if command -v kubeadm >/dev/null; then
    attempt kubeadm reset --force --cri-socket unix:///run/containerd/containerd.sock
  fi
  stop_containers
  unmount_below /var/lib/kubelet
  unmount_below /run/netns
  remove_network
  local directory
  for directory in /etc/kubernetes /var/lib/kubelet /var/lib/etcd /var/lib/cni /run/flannel /etc/cni/net.d; do
    empty "$directory"
  done
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
      grep -vE 'KUBE-|FLANNEL-|CNI-' <<<"$rules" | attempt "$table-restore"
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

# What our steps brought, its dependencies included, as far as nothing else on the host needs it by now: apt itself says
# what that is once our packages count as nobody's wish.
remove_packages() {
  [[ -s $STATE/packages ]] || return 0
  local ours unneeded apt=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o APT::AutoRemove::SuggestsImportant=false)
  mapfile -t ours < <(sort -u "$STATE/packages")
  attempt apt-mark unhold "${ours[@]}"
  attempt apt-mark auto "${ours[@]}"
  mapfile -t unneeded < <("${apt[@]}" --simulate autoremove 2>>"$LOG" | awk '/^Remv / { print $2 }' |
    grep -xFf <(printf '%s\n' "${ours[@]}") || true)
  ((${#unneeded[@]} == 0)) || attempt "${apt[@]}" purge "${unneeded[@]}"
  rmdir /etc/cni/net.d /etc/cni /opt/cni/bin /opt/cni /etc/kubernetes /etc/haproxy /etc/nginx /etc/keepalived /etc/containerd/certs.d \
    /etc/containerd 2>/dev/null || true
}

remove_hosts_entries() {
  local rest
  grep -q '^# begin kubeadm-ha$' /etc/hosts || return 0
  rest=$(sed '/^# begin kubeadm-ha$/,/^# end kubeadm-ha$/d' /etc/hosts)
  printf '%s\n' "$rest" >/etc/hosts
}

# restore FILE: as it was before us, if there was one.
restore() {
  if [[ -f $1.before-kubeadm-ha ]]; then
    mv -f "$1.before-kubeadm-ha" "$1"
  elif grep -qs 'Written by kubeadm-ha' "$1"; then
    rm -f "$1"
  fi
}

# empty DIRECTORY: its contents go, it stays: it may be a mount point.
empty() {
  [[ ! -d $1 ]] || attempt find "$1" -mindepth 1 -xdev -delete
}

unmount_below() {
  local mount
  awk -v top="$1/" 'index($2, top) == 1 { print $2 }' /proc/self/mounts | sort -r | while read -r mount; do
    attempt umount --lazy "$mount"
  done
}

# attempt COMMAND...: its failure is no reason to leave the rest undone.
attempt() {
  "$@" >>"$LOG" 2>&1 || note "\`${*:1:3}\` failed; going on"
}
