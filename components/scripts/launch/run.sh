#!/usr/bin/env bash
# Runs one step of kubeadm-ha on this host. Its parameters come on standard input, as shell assignments.
# usage: run STEP < PARAMETERS
set -euo pipefail
here=$(dirname -- "$(readlink -f -- "$0")")
# shellcheck source=components/scripts/shared/lib.sh
source "$here/lib.sh"
# What all steps share that change the host, and those of its role.
for shared in changes ports node cluster etcd; do
  # shellcheck source=/dev/null
  [[ ! -f $here/$shared.sh ]] || source "$here/$shared.sh"
done
eval "$(cat)"
# shellcheck source=/dev/null
source "$here/$1.sh"
run_step "$1"
