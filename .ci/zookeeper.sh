#!/usr/bin/env bash
# Makes ready what the ZooKeeper tests need: a Docker engine with an image of ZooKeeper; where no engine starts, Debian's
# ZooKeeper as a package. Does nothing where all is there already, never asks, never hangs, and never fails: the tests
# say what is missing. Prints NAME=value lines for the environment of the tests; all else goes to stderr.
# `zookeeper.sh stop` ends the engine that it started. Only root on Debian can be helped; others bring Docker along.
set -uo pipefail

LOCAL_IMAGE=zookeeper:3.8-debian
OFFICIAL_IMAGE=zookeeper:3.9
WORK=${PPNFS_ZOOKEEPER_WORK:-/var/tmp/ppnfs-zookeeper}

say() { echo "zookeeper: $*" >&2; }
is_root_on_debian() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }
engine_runs() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
has_image() { timeout 10 docker image inspect "$1" >/dev/null 2>&1; }

# Packages, only those that are missing.
install() {
  local missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  is_root_on_debian || return 1
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  timeout 90 apt-get update -qq >&2
  timeout 180 apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$WORK/apt.log" 2>&1 ||
    { tail -3 "$WORK/apt.log" >&2; return 1; }
}

start_engine() {
  engine_runs && return 0
  is_root_on_debian || return 1
  install docker.io iptables || return 1
  say 'starting dockerd'
  # In a session of its own: it outlives this script, and whoever ends the tests does not end it.
  setsid dockerd >"$WORK/dockerd.log" 2>&1 </dev/null &
  local pid=$!
  echo "$pid" >"$WORK/dockerd.pid"
  for _ in $(seq 60); do
    engine_runs && echo PPNFS_ENGINE_STARTED=yes && return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  say "dockerd does not start: $(grep -v level=info "$WORK/dockerd.log" | tail -1)"
  kill "$pid" 2>/dev/null
  return 1
}

# About 70 s and a gigabyte, once.
make_image() {
  say "no registry can be reached: making $LOCAL_IMAGE from packages of Debian"
  install debootstrap || return 1
  local root="$WORK/root"
  rm -rf "$root"
  if ! timeout 240 debootstrap --variant=minbase --include=zookeeper,openjdk-17-jre-headless \
    bookworm "$root" >"$WORK/debootstrap.log" 2>&1; then
    say "debootstrap failed: $(tail -1 "$WORK/debootstrap.log")"
    rm -rf "$root"
    return 1
  fi
  tar -C "$root" --exclude=./var/cache/apt/archives --exclude=./usr/share/doc --exclude=./usr/share/locale -c . |
    timeout 120 docker import --change 'EXPOSE 2181' \
      --change 'CMD ["/usr/share/zookeeper/bin/zkServer.sh","start-foreground"]' - "$LOCAL_IMAGE" >/dev/null
  local status=$?
  rm -rf "$root"
  return $status
}

find_image() {
  local wanted=${ZOOKEEPER_IMAGE:-$OFFICIAL_IMAGE}
  if has_image "$wanted"; then
    echo "ZOOKEEPER_IMAGE=$wanted"
  elif has_image "$LOCAL_IMAGE"; then
    # No registry, no helper container either.
    printf '%s\n' "ZOOKEEPER_IMAGE=$LOCAL_IMAGE" TESTCONTAINERS_RYUK_DISABLED=true
  elif timeout 90 docker pull -q "$wanted" >/dev/null 2>"$WORK/pull.log"; then
    echo "ZOOKEEPER_IMAGE=$wanted"
  elif is_root_on_debian && make_image; then
    printf '%s\n' "ZOOKEEPER_IMAGE=$LOCAL_IMAGE" TESTCONTAINERS_RYUK_DISABLED=true
  else
    say "no image: $(tail -1 "$WORK/pull.log")"
    return 1
  fi
}

stop_engine() {
  local pid
  pid=$(cat "$WORK/dockerd.pid" 2>/dev/null) || return 0
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] && kill "$pid"
  rm -f "$WORK/dockerd.pid"
}

mkdir -p "$WORK"
if [ "${1:-}" = stop ]; then
  stop_engine
elif start_engine && find_image; then
  say 'ready: Docker'
elif install zookeeper; then
  say "NO DOCKER: the tests run against Debian's ZooKeeper as a process"
else
  say 'NOTHING TO TEST AGAINST: neither a Docker engine nor Debian packages'
fi
exit 0
