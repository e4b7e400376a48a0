# shellcheck shell=bash
# Makes a host ready to be a load balancer.
: "${PACKAGES:?}" "${SERVICES:?}"

main() {
  local service services
  prepare_base
  # Debian starts a service at its installation, with the package's own configuration: not before ours is there. A service
  # is called as its package.
  read -ra services <<<"$SERVICES"
  for service in "${services[@]}"; do
    installed "$service" || quiet systemctl mask --runtime "$service"
  done
  # shellcheck disable=SC2086 # a list of names
  packages $PACKAGES
  quiet systemctl unmask --runtime "${services[@]}"
}
