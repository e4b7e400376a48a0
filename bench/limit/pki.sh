#!/bin/bash
# The cluster's trust, made off the hosts: three CAs, the service-account key pair, and the certificate that nodes join with.
# usage: pki.sh FOLDER
set -euo pipefail

key() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1"
}

ca() { # path without suffix, common name
  key "$1.key"
  openssl req -x509 -new -key "$1.key" -sha256 -days 3650 -subj "/CN=$2" -out "$1.crt" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign \
    -addext "subjectAltName=DNS:$2"
}

main() {
  umask 077
  mkdir -p "$1/etcd"
  cd "$1"
  ca ca kubernetes
  ca front-proxy-ca front-proxy-ca
  ca etcd/ca etcd-ca
  key sa.key
  openssl ec -in sa.key -pubout -out sa.pub 2>/dev/null
  key join.key
  openssl req -new -key join.key -subj /O=system:bootstrappers:kubeadm:default-node-token/CN=system:bootstrap:joiner |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -sha256 -out join.crt \
      -extfile <(printf 'keyUsage=critical,digitalSignature,keyEncipherment\nextendedKeyUsage=clientAuth\n') 2>/dev/null
}

main "$@"
