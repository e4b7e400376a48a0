# shellcheck shell=bash
# Makes a host ready to be a member of an external etcd: its programs, checked before they are unpacked, and the user it
# runs as. An etcd that runs is not touched: another release is join-etcd's work, one member at a time.
: "${PACKAGES:?}" "${ETCD_VERSION:?}" "${ETCD_SOURCE:?}"
: "${SHA256_AMD64?}" "${SHA256_ARM64?}"

RELEASES=/opt/etcd

main() {
  prepare_base
  # shellcheck disable=SC2086 # a list of names
  packages $PACKAGES
  system_user
  rm -rf "$RELEASES"/.new.*
  # A release's folder is renamed into place last: where it is, it is whole.
  if [[ ! -d $RELEASES/v$ETCD_VERSION ]]; then install_release; fi
}

# The mark comes first: the teardown takes away a user of ours, and leaves one that was there before.
system_user() {
  if getent passwd etcd >/dev/null; then return; fi
  put "$STATE/etcd-user" 0600 etcd
  quiet useradd --system --user-group --no-create-home --home-dir /var/lib/etcd --shell /usr/sbin/nologin etcd
}

install_release() {
  local architecture wanted name url work sum
  case $(uname -m) in
    x86_64) architecture=amd64 wanted=$SHA256_AMD64 ;;
    aarch64) architecture=arm64 wanted=$SHA256_ARM64 ;;
    *) die "there is no etcd for a $(uname -m) processor" ;;
  esac
  [[ -n $wanted ]] || die "the checksum of etcd $ETCD_VERSION for $architecture is not known" \
    "save the SHA256SUMS that etcd publishes with v$ETCD_VERSION and name that file in etcd.checksumsFile"
  name=etcd-v$ETCD_VERSION-linux-$architecture
  url=$ETCD_SOURCE/v$ETCD_VERSION/$name.tar.gz
  mkdir -p "$RELEASES"
  trap 'rm -rf "$RELEASES"/.new.*' EXIT
  work=$(mktemp -d "$RELEASES/.new.XXXXXX")
  note "fetching $url"
  must "$url cannot be fetched" "see that its server answers and has it, then run \`pulumi up\` again" \
    curl -fsSL --retry 3 --retry-connrefused --connect-timeout 10 -m 300 -o "$work/archive" "$url"
  sum=$(sha256sum <"$work/archive")
  sum=${sum%% *}
  [[ $sum == "${wanted,,}" ]] || die "the SHA-256 of $url is $sum, not ${wanted,,}: nothing was unpacked" \
    "fetch the archive anew, or correct etcd.checksumsFile; a mirror must serve etcd's own archives"
  unpack "$work" "$name" "$url"
}

# unpack FOLDER NAME URL: the three programs of the archive, whole on disk before they get their place.
unpack() {
  local programs=$1/programs version
  mkdir -m 0755 "$programs"
  quiet tar -xzf "$1/archive" -C "$programs" --strip-components=1 --no-same-owner "$2/etcd" "$2/etcdctl" "$2/etcdutl"
  chmod 0755 "$programs"/*
  version=$("$programs/etcd" --version 2>>"$LOG" | sed -n 's/^etcd Version: //p') || true
  [[ $version == "$ETCD_VERSION" ]] ||
    die "the archive's etcd does not run here, or is ${version:-none} and not $ETCD_VERSION" \
      "look at $3; nothing was installed"
  sync "$programs"/*
  mv -T "$programs" "$RELEASES/v$ETCD_VERSION"
}
