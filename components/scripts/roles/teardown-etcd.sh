# shellcheck shell=bash
# shellcheck disable=SC2034 # teardown.sh takes the folders
# What teardown removes from an etcd host.

# kubeadm never touches an external etcd: its data go here, so that a later cluster is a new one.
remove_role() {
  FOLDERS=(/var/lib/etcd)
  attempt systemctl disable --now etcd
  rm -f /etc/systemd/system/etcd.service /run/kubeadm-ha/etcd-start.env
  attempt systemctl daemon-reload
  attempt systemctl reset-failed etcd
  empty /var/lib/etcd
  rm -rf /etc/etcd
  local program
  for program in etcd etcdctl etcdutl; do
    if [[ $(readlink "/usr/local/bin/$program") == /opt/etcd/* ]]; then rm -f "/usr/local/bin/$program"; fi
  done
  rm -rf /opt/etcd
  if [[ -f $STATE/etcd-user ]]; then attempt userdel etcd; fi
}
