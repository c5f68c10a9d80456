#!/bin/sh
# Run a mounted image as a container runtime would: run.sh ROOT SITES SCRATCH UID COMMAND…
# New mount and process namespaces (the caller's `unshare -m -p`), read-only root, writable /sites, /scratch and /tmp, no capabilities.
set -eu
root=$1 sites=$2 scratch=$3 user=$4
shift 4
mount --make-rprivate /
mount --bind "$root" "$root"
mount -o remount,ro,bind "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount --bind "$sites" "$root/sites"
mount --bind "$scratch" "$root/scratch"
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs \
    env --chdir=/app PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin "$@"
