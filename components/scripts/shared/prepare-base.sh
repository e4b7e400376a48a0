# shellcheck shell=bash
# What preparing any host begins with: whose it is, our programs, where packages come from, names in /etc/hosts.
: "${HOST_NAME:?}" "${ROLE:?}" "${CLUSTER_ID:?}" "${GENERATION:?}" "${APT_SOURCE:?}"
: "${APT_KEY?}" "${APT_KEY_URL?}" "${APT_MIRROR_ONLY:?}" "${HOSTS_ENTRIES?}"

APT_LIST=/etc/apt/sources.list.d/kubeadm-ha.list
APT_KEYRING=/etc/apt/keyrings/kubeadm-ha.asc
SEE_SOURCE="see that the package source answers and has its files whole ($APT_LIST on the host), then run \`pulumi up\` again"

prepare_base() {
  check_owner
  # Ours to clean up is the host from its marker on: the library, which knows how, is there before.
  install_library
  install -d -m 0700 "$STATE"
  put "$MARKER" 0600 "cluster=$CLUSTER_ID
name=$HOST_NAME
role=$ROLE"
  write_hosts_entries "$HOSTS_ENTRIES"
  configure_apt
}

check_owner() {
  local owner
  owner=$(owner)
  [[ -z $owner || $owner == "$CLUSTER_ID $HOST_NAME $ROLE" ]] || die "this machine belongs to someone else: $owner" \
    "remove that entry in one \`pulumi up\`, add this one in the next"
}

configure_apt() {
  mkdir -p /etc/apt/keyrings /etc/apt/sources.list.d
  if [[ -n $APT_KEY ]]; then
    put "$APT_KEYRING" 0644 "$APT_KEY"
  elif [[ ! -s $APT_KEYRING ]]; then
    packages curl ca-certificates
    quiet curl -fsSL --retry 3 -m 60 -o "$APT_KEYRING.new" "$APT_KEY_URL"
    chmod 0644 "$APT_KEYRING.new"
    mv "$APT_KEYRING.new" "$APT_KEYRING"
  fi
  if write_file "$APT_LIST" 0644 <<<"${APT_SOURCE%$'\n'}"; then rm -f "$STATE/apt-updated"; fi
}

# With a mirror, apt is shown the mirror alone: the host's own sources may lead to where it cannot reach. They stay as
# they are, and so do their lists.
# Archives would stay on the disk, with no use for them once they are unpacked.
APT=(apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 -o APT::Get::List-Cleanup=0
  -o APT::Keep-Downloaded-Packages=false)
if [[ $APT_MIRROR_ONLY == yes ]]; then
  # A mirror that does not answer would otherwise be a warning, and its packages unknown.
  APT+=(-o "Dir::Etc::sourcelist=$APT_LIST" -o Dir::Etc::sourceparts=- -o APT::Update::Error-Mode=any)
fi

# packages NAME[=VERSION]...: installs those that are missing, and remembers for the teardown all that came with them. What
# is installed keeps its version: changing that is an upgrade, not a preparation.
packages() {
  local package missing=()
  if dpkg_interrupted; then
    finish_packages
    read_lists
    # What was only half unpacked comes anew.
    must "an installation that was interrupted here cannot be ended" "$SEE_SOURCE" \
      "${APT[@]}" install --fix-broken --no-remove
  fi
  for package; do
    installed "${package%%=*}" || missing+=("$package")
  done
  ((${#missing[@]} > 0)) || return 0
  read_lists
  # Before the work begins: a run that dies half-way has brought these.
  to_come "${missing[@]}" >>"$STATE/packages"
  note "installing ${missing[*]}"
  # What these lists lead to may be there no longer: after a failure they are read anew.
  rm -f "$STATE/apt-updated"
  must "not all of these can be installed: ${missing[*]}" "$SEE_SOURCE" \
    "${APT[@]}" install --no-install-recommends "${missing[@]}"
  touch "$STATE/apt-updated"
}

read_lists() {
  [[ ! -f $STATE/apt-updated ]] || return 0
  must "the package lists cannot be read" "$SEE_SOURCE" "${APT[@]}" update
  touch "$STATE/apt-updated"
}

# to_come NAME[=VERSION]...: these and all others that an installation of them will bring, a name a line.
to_come() {
  printf '%s\n' "${@%%=*}"
  # A version in brackets is the one that an upgrade replaces. Where apt refuses, the installation itself will say why.
  "${APT[@]}" --simulate install --no-install-recommends "$@" 2>>"$LOG" |
    awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }' || true
}

installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}
