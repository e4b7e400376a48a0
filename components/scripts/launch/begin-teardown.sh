# shellcheck shell=bash
# Begins a teardown, whose whole program would be a tenth of the state of a host: hands over to the one in the host's
# library, which is of the version that has prepared the host. Where there is none yet, there is no more to clean than this.
# Its parameters are teardown.sh's.
# shellcheck disable=SC2153
set -euo pipefail

main() {
  local library=/usr/local/lib/kubeadm-ha state=/var/lib/kubeadm-ha
  if [[ -x $library/run && -f $library/teardown.sh ]]; then
    export HOST_NAME ROLE CLUSTER_ID LOGIN_USER
    exec "$library/run" teardown
  fi
  if [[ -f $state/marker ]]; then
    grep -qx "cluster=$CLUSTER_ID" "$state/marker" || return 0
    echo "$HOST_NAME: teardown: $library is not whole
  what to do: copy it from another $ROLE, or let \`pulumi up\` put it there with this host in the stack; then again" >&2
    exit 1
  fi
  [[ -z $(find "$state" -type f ! -name 'marker.*' 2>/dev/null) ]] || return 0
  rm -rf "$state" "$library" /run/kubeadm-ha /var/log/kubeadm-ha
}

main </dev/null
exit
