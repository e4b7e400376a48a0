# shellcheck shell=bash
# Makes a host ready to be a load balancer: HAProxy, and socat to ask it for statistics.
: "${PACKAGES:?}"

main() {
  prepare_base
  # Debian starts a service at its installation, with the package's own configuration: not before ours is there.
  if ! installed haproxy; then systemctl mask --runtime haproxy 2>>"$LOG"; fi
  # shellcheck disable=SC2086 # a list of names
  packages $PACKAGES
  systemctl unmask --runtime haproxy 2>>"$LOG"
}
