#!/usr/bin/env bash
# Runs a command over this tree in a root of Debian 13: the same sources, artifacts of their own, GCC 14 and libtorch 2.6.
#   eng/debian13.sh COMMAND…   e.g. eng/debian13.sh ./test --training; eng/debian13.sh ./gaplab study run studies/quickstart.yaml
# The root (2.5 GB, about five minutes) is made once by debootstrap, in artifacts/debian13 or the folder that GAPLAB_DEBIAN13 names.
# Status 75, with a line that says why, where there can be none: it takes root, debootstrap, unshare and the .NET SDK.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=prepare.sh
root=$tree . "$tree/eng/prepare.sh"

cannot() { say "no Debian 13 here: $*"; exit 75; }

[ $# -gt 0 ] || stop 'eng/debian13.sh needs a command to run there, for example ./test --training.'
[ "$(id -u)" = 0 ] || cannot 'only root can enter another root'
have unshare || cannot 'unshare is missing (util-linux)'
have debootstrap || cannot 'debootstrap is missing (apt-get install debootstrap)'
require_dotnet

home=${GAPLAB_DEBIAN13:-$tree/artifacts/debian13}
mkdir -p "$home/artifacts" "$HOME/.nuget"
home=$(cd "$home" && pwd)
debian=$home/root
packages=ca-certificates,git,cmake,make,g++,python3,libtorch-dev,libopenblas0-pthread,python3-torch,nodejs,libicu76

exec 8> "$home/lock"
flock 8
if [ "$(cat "$home/made" 2> /dev/null)" != "$packages" ]; then
    rm -rf --one-file-system "$debian"
    say "making a root of Debian 13 in $debian (2.5 GB, some minutes)"
    log=$home/debootstrap.log
    if ! debootstrap --variant=minbase --include="$packages" trixie "$debian" ${GAPLAB_DEBIAN_MIRROR:+"$GAPLAB_DEBIAN_MIRROR"} \
        > "$log" 2>&1 8>&-; then
        tail -n 3 "$log" >&2
        cannot "debootstrap failed; its output is in $log"
    fi
    printf '%s\n' "$packages" > "$home/made"
fi
flock -u 8
cp -L /etc/resolv.conf "$debian/etc/resolv.conf"
[ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$debian/etc/ssl/certs/ca-certificates.crt"
sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
mkdir -p "$debian$sdk" "$debian/gaplab" "$debian/home/.nuget"

# Mounted in a name space of their own, the folders vanish from the root with the last process: removing it removes nothing else.
# shellcheck disable=SC2016
exec unshare --mount --propagation private bash -euc '
    tree=$1 home=$2 sdk=$3 nuget=$4
    shift 4
    debian=$home/root
    mount --bind "$tree" "$debian/gaplab"
    mkdir -p "$debian/gaplab/artifacts"
    mount --bind "$home/artifacts" "$debian/gaplab/artifacts"
    mount --bind "$sdk" "$debian$sdk"
    mount --bind "$nuget" "$debian/home/.nuget"
    mount --rbind /proc "$debian/proc"
    mount --rbind /sys "$debian/sys"
    mount --rbind /dev "$debian/dev"
    mount -t tmpfs tmpfs "$debian/tmp"
    if [ -n "${GAPLAB_TEST_DATA:-}" ]; then
        mkdir -p "$debian/test-data"
        mount --bind "$GAPLAB_TEST_DATA" "$debian/test-data"
        GAPLAB_TEST_DATA=/test-data
    fi
    unset TMPDIR GAPLAB_LIBTORCH GAPLAB_NATIVE GAPLAB_DEBIAN13
    export HOME=/home DOTNET_ROOT=$sdk PATH=$sdk:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    exec chroot "$debian" bash -c "cd /gaplab && exec \"\$@\"" bash "$@"
' bash "$tree" "$home" "$sdk" "$HOME/.nuget" "$@"
