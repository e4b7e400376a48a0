#!/bin/bash
# Runs on the building machine, called by mmdebstrap with the new system's root folder: turns it into a plain host, and
# downloads what hosts install later.
# Needs FILES (a folder laid over the root), PACKAGES (what to download, by name) and ARCHIVES (where to).
set -euo pipefail
: "${FILES:?}" "${PACKAGES:?}" "${ARCHIVES:?}" "${MMDEBSTRAP_APT_CONFIG:?}"

main() {
  local root=$1

  cp -r --no-preserve=ownership "$FILES/." "$root/"
  chmod 0440 "$root/etc/sudoers.d/admin"
  chroot "$root" useradd --create-home --shell /bin/bash admin
  chroot "$root" systemctl --quiet enable ssh ssh-host-keys
  # Devices, consoles and kernel modules are the building machine's, not a container's.
  chroot "$root" systemctl --quiet mask systemd-udevd systemd-modules-load systemd-journald-audit.socket \
    getty.target console-getty.service systemd-logind

  # Every host makes its own. An empty machine-id is filled at boot.
  rm -f "$root"/etc/ssh/ssh_host_*_key* "$root/var/lib/dbus/machine-id"
  : >"$root/etc/machine-id"

  # What the packages need is what apt would fetch on this very system, in the same versions.
  mkdir -p "$ARCHIVES/partial"
  # shellcheck disable=SC2086 # a list of names
  APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet --yes --no-install-recommends --download-only \
    -o "Dir::Cache::archives=$ARCHIVES" -o APT::Keep-Downloaded-Packages=true install $PACKAGES
  rm -rf "$ARCHIVES/partial" "$ARCHIVES/lock"
}

main "$@"
