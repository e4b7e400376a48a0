# shellcheck shell=bash
# Applies the pod network's objects.
: "${HOST_NAME:?}" "${CNI_MANIFEST:?}"

main() {
  quiet kube apply --server-side --force-conflicts --field-manager=kubeadm-ha -f - <<<"$CNI_MANIFEST"
}
