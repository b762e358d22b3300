#!/bin/bash
# As much of systemctl as docs/deployment.md needs, without systemd: reads the unit, and runs its program as its user.
set -euo pipefail
unit=/etc/systemd/system/effect-commerce.service

value() { sed -n "s/^$1=//p" "$unit"; }

start() {
  local credentials
  credentials=$(mktemp -d /run/credentials.XXXXXX)
  chmod 711 "$credentials"
  while IFS=: read -r name file; do
    install -m 400 -o "$(value User)" "$file" "$credentials/$name"
  done < <(value LoadCredential)
  (
    cd "$(value WorkingDirectory)"
    env=()
    while read -r line; do env+=("$line"); done < <(sed -E "s/^([A-Z_]+)='(.*)'$/\1=\2/" "$(value EnvironmentFile)"; value Environment | tr ' ' '\n' | sed "s:%d:$credentials:")
    exec setpriv --reuid "$(value User)" --regid "$(value Group)" --clear-groups --no-new-privs \
      env -i PATH=/usr/bin:/bin "${env[@]}" $(value ExecStart) </dev/null >>/var/log/effect-commerce.log 2>&1
  ) &
  echo $! >/run/effect-commerce.pid
}

stop() {
  local pid
  pid=$(cat /run/effect-commerce.pid)
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
}

case "$*" in
  daemon-reload) test -f "$unit" ;;
  "enable --now effect-commerce" | "start effect-commerce") start ;;
  "stop effect-commerce") stop ;;
  "restart effect-commerce") stop && start ;;
  "reload nginx") if [ -s /run/nginx.pid ]; then nginx -s reload; else nginx; fi ;;
  *) echo "systemctl $*: unknown here" >&2 && exit 1 ;;
esac
