# shellcheck shell=bash
# Answers the one request on standard input as an API server does that has just begun: it knows nobody's rights yet. The
# request's first line goes to a log.
read -r method path _
printf '%s %s\n' "$method" "$path" >>/run/refuse/log
while IFS= read -r line && [[ $line != $'\r' ]]; do :; done
body='{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Forbidden","code":403,"message":"this is forbidden: RBAC: clusterrole.rbac.authorization.k8s.io \"kubeadm:x\" not found"}'
printf 'HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
  "${#body}" "$body"
