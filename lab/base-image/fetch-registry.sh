#!/bin/bash
# Runs on the building machine, called by mmdebstrap with the new system's root folder: fetches Debian's image registry for that
# very system, but only its program. (Installed as a package it would run as a service and take a port.)
# Needs PROGRAM, the file to write.
set -euo pipefail
: "${PROGRAM:?}" "${MMDEBSTRAP_APT_CONFIG:?}"

main() {
  local scratch
  scratch=$(mktemp -d)
  # shellcheck disable=SC2064 # the folder as it is now
  trap "rm -rf '$scratch'" EXIT
  # apt fetches as a user of its own, who has to get there.
  chmod 0755 "$scratch"
  cd "$scratch"
  APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get --quiet -o APT::Sandbox::User=root download docker-registry
  dpkg-deb --extract docker-registry_*.deb files
  install -m 0755 files/usr/bin/docker-registry "$PROGRAM"
}

main
