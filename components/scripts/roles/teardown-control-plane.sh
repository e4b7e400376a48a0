# shellcheck shell=bash
# What teardown removes from a control plane beside what every node has.

remove_login_kubeconfig() {
  local home file
  home=$(getent passwd "$LOGIN_USER" | cut -d: -f6) || return 0
  file=$home/.kube/config
  [[ -f $file && -f $PKI/ca.crt ]] || return 0
  if grep -qF "$(base64 -w0 "$PKI/ca.crt")" "$file"; then
    rm -rf "$file" "$home/.kube/cache"
    rmdir "$home/.kube" 2>/dev/null || true
  fi
}
