# shellcheck shell=bash
# Makes a host ready for kubeadm: kernel settings, container runtime, packages, images.
: "${KUBERNETES_VERSION:?}" "${PACKAGES:?}" "${CONTAINERD_PACKAGE:?}" "${CONTAINERD_CONFIG:?}"
: "${REGISTRY_MIRROR?}" "${IMAGES?}" "${KUBEADM_IMAGES:?}"

MODULES=(overlay br_netfilter)
KUBERNETES_PACKAGES=(kubelet kubeadm kubectl)
CERTS_D=/etc/containerd/certs.d

main() {
  prepare_base
  load_modules
  set_sysctls
  turn_swap_off
  # A runtime that starts with its package's defaults would have to be started again: our configuration goes first,
  # except for the sandbox image, which only kubeadm knows.
  # shellcheck disable=SC2086 # a list of names
  packages $PACKAGES "$CONTAINERD_PACKAGE" "${KUBERNETES_PACKAGES[@]/%/=$KUBERNETES_VERSION-*}"
  quiet apt-mark hold "${KUBERNETES_PACKAGES[@]}"
  configure_containerd
  quiet systemctl enable kubelet
  pull_images
}

# A feature that is built into the kernel is as good as a loaded module.
load_modules() {
  put /etc/modules-load.d/kubeadm-ha.conf 0644 "$(printf '%s\n' "${MODULES[@]}")"
  local module
  for module in "${MODULES[@]}"; do
    feature_present "$module" || modprobe "$module" 2>>"$LOG" || feature_present "$module" ||
      die "the kernel has no $module" "install the kernel's modules package"
  done
}

feature_present() {
  [[ -d /sys/module/$1 ]] && return
  case $1 in
    overlay) grep -qw overlay /proc/filesystems ;;
    br_netfilter) [[ -e /proc/sys/net/bridge/bridge-nf-call-iptables ]] ;;
  esac
}

set_sysctls() {
  put /etc/sysctl.d/90-kubeadm-ha.conf 0644 'net.bridge.bridge-nf-call-iptables = 1
net.bridge.bridge-nf-call-ip6tables = 1
net.ipv4.ip_forward = 1'
  quiet sysctl -p /etc/sysctl.d/90-kubeadm-ha.conf
}

# Off now, and after a reboot. Our mark in front of the line lets the teardown bring it back.
turn_swap_off() {
  if [[ -f /etc/fstab ]] && grep -qE '^[^#]\S*\s+\S+\s+swap\s' /etc/fstab; then
    sed -E 's/^([^#]\S*\s+\S+\s+swap\s)/#kubeadm-ha# \1/' /etc/fstab | write_file /etc/fstab 0644
  fi
  [[ $(wc -l </proc/swaps) -le 1 ]] || must "" "free memory, for what is in the swap has to go there" swapoff -a
}

configure_containerd() {
  local config=/etc/containerd/config.toml sandbox changed=no
  sandbox=$(kubeadm_images | sed -n '\|/pause:|p')
  if [[ -f $config && ! -f $config.before-kubeadm-ha ]] && ! grep -q 'Written by kubeadm-ha' "$config"; then
    cp -p "$config" "$config.before-kubeadm-ha"
  fi
  if write_file "$config" 0644 <<<"${CONTAINERD_CONFIG//@SANDBOX_IMAGE@/$sandbox}"; then changed=yes; fi
  if [[ -n $REGISTRY_MIRROR ]]; then
    put "$CERTS_D/_default/hosts.toml" 0644 "$REGISTRY_MIRROR"
  elif grep -qs 'Written by kubeadm-ha' "$CERTS_D/_default/hosts.toml"; then
    rm -f "$CERTS_D/_default/hosts.toml"
  fi
  quiet systemctl enable containerd
  if [[ $changed == yes ]] || ! systemctl is-active -q containerd; then quiet systemctl restart containerd; fi
  wait_until 30 containerd ctr --connect-timeout 2s version ||
    die "containerd does not answer" "journalctl -u containerd"
}

# Ahead of time and on all hosts at once: a control plane then joins in a third of the time.
pull_images() {
  local image have from="its registry"
  [[ -z $REGISTRY_MIRROR ]] || from="the mirror (mirror.images)"
  have=$(ctr -n k8s.io images ls -q)
  for image in $(wanted_images); do
    grep -qxF "$image" <<<"$have" || must "the image $image cannot be pulled" \
      "see that $from answers and has it whole, then run \`pulumi up\` again" \
      ctr -n k8s.io images pull --hosts-dir "$CERTS_D" "$image"
  done
}

wanted_images() {
  kubeadm_images | grep -E "/($KUBEADM_IMAGES):"
  [[ -z $IMAGES ]] || printf '%s\n' "$IMAGES"
}

kubeadm_images() {
  kubeadm config images list --kubernetes-version "v$KUBERNETES_VERSION" 2>>"$LOG"
}
