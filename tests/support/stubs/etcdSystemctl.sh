#!/usr/bin/bash
# systemctl on a host of the cluster that etcdctl.sh tells of: its service etcd starts, or does not, as etcd itself would.
#   /etcd/started   when it was started, in seconds     /etcd/broken   it never starts
set -euo pipefail

setting() {
  { cat /etc/etcd/etcd.env /run/kubeadm-ha/etcd-start.env 2>/dev/null || true; } | sed -n "s/^ETCD_$1=//p" | tail -n 1
}
address=$(setting LISTEN_PEER_URLS)
address=${address#https://}
address=${address%:2380}
data=/var/lib/etcd/member

# keep ID: this host holds that member's data.
keep() {
  mkdir -p "$data/wal"
  echo "$1" >"$data/id"
  touch "$data/wal/0.wal"
}

start() {
  date +%s >/etcd/started
  [[ ! -e /etcd/broken ]] || return 0
  local name id wanted
  name=$(setting NAME)
  if compgen -G "$data/wal/*.wal" >/dev/null; then
    # A member that was removed ends.
    grep -q "^$(<"$data/id"), " /etcd/members || return 0
  elif [[ $(setting INITIAL_CLUSTER_STATE) == new ]]; then
    [[ $(setting INITIAL_CLUSTER) == "$name=https://$address:2380" ]] || return 0
    echo "founder-$(setting INITIAL_CLUSTER_TOKEN), started, $name, https://$address:2380, https://$address:2379, false" >/etcd/members
    keep "founder-$(setting INITIAL_CLUSTER_TOKEN)"
  else
    mkdir -p "$data/snap"
    wanted=$(setting INITIAL_CLUSTER | tr ',' '\n' | sed 's/.*=//' | sort)
    [[ $wanted == "$(awk -F', ' '{ print $4 }' /etcd/members | sort)" ]] || return 0
    id=$(awk -F', ' -v url="https://$address:2380" '$4 == url && $2 == "unstarted" { print $1 }' /etcd/members)
    [[ -n $id ]] || return 0
    sed -i "s|^$id, .*|$id, started, $name, https://$address:2380, https://$address:2379, true|" /etcd/members
    keep "$id"
  fi
  touch "/etcd/up/$address"
}

runs() { [[ -n $address && -e /etcd/up/$address ]]; }

case "$*" in
  'start --no-block etcd') runs || start ;;
  'restart --no-block etcd') start ;;
  'stop etcd') [[ -z $address ]] || rm -f "/etcd/up/$address" ;;
  'is-active -q etcd') runs ;;
  'enable etcd') touch /etcd/enabled ;;
  'reset-failed etcd' | daemon-reload) ;;
  'show -p NeedDaemonReload --value etcd') echo no ;;
  'show -p ActiveState --value etcd') if runs; then echo active; else echo inactive; fi ;;
  'show -p MainPID --value etcd') if runs; then echo 4711; else echo 0; fi ;;
  'show -p ExecMainStartTimestamp --value etcd') [[ ! -e /etcd/started ]] || date -d "@$(</etcd/started)" ;;
  *)
    echo "nobody expected: systemctl $*" >&2
    exit 97
    ;;
esac
