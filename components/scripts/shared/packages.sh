# shellcheck shell=bash
# What preparing a host and cleaning it share: an installation of packages that was cut off.

# dpkg_interrupted: was dpkg cut off in the middle of its work (power lost, or a step ended)? Before that work has been ended apt
# does nothing. It looks the same while another installation is under way.
dpkg_interrupted() {
  compgen -G '/var/lib/dpkg/updates/[0-9]*' >/dev/null || [[ -n $(unfinished_packages) ]]
}

# unfinished_packages: what is neither installed nor away, a name a line.
unfinished_packages() {
  dpkg-query -W -f '${db:Status-Abbrev}|${Package}\n' | sed -nE 's/^(.[UFHWt].|..R)\|//p'
}

# finish_packages: has dpkg end what it can end by itself: what was unpacked is configured. Where apt was ended, the dpkg that it
# had started goes on until its present package is unpacked, and nobody else can do anything before that.
finish_packages() {
  note "an installation was interrupted here: ending it"
  wait_until 300 "the installation that is under way" configure_packages ||
    die "another installation of packages has been under way for five minutes" \
      "see which (ps -e | grep dpkg), then run Pulumi again"
}

# configure_packages: succeeds, whatever came of it, unless another dpkg is at work.
configure_packages() {
  local said
  said=$(dpkg --configure -a --force-confdef --force-confold 2>&1) || true
  printf '%s\n' "$said"
  [[ $said != *"locked by another process"* ]]
}
