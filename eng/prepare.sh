# What ./gaplab and ./test share: finding what a command lacks, installing it, and building only what changed.
# Sourced with $root set. Everything here speaks on stderr, so that stdout carries the command's own output alone.
# shellcheck shell=bash disable=SC2015,SC2154

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false
stamps=$root/artifacts/stamps
program=$root/artifacts/bin/Gaplab.Cli/release/gaplab.dll

say() { printf 'gaplab: %s\n' "$*" >&2; }
stop() { say "$*"; exit 2; }
have() { command -v "$1" > /dev/null 2>&1; }

# --- installing ---------------------------------------------------------------------------------------------------------

wanted=() # Debian packages found missing by the require_… functions; install_wanted gets them all at once

# want WHY PACKAGE…: one line that says what is missing and why.
want() {
    local why=$1; shift
    [ $# -gt 0 ] || return 0
    say "$why: needs $*"
    wanted+=("$@")
}

# Installs what was wanted with apt, or gives the exact command to type and exits with 2.
install_wanted() {
    [ ${#wanted[@]} -gt 0 ] || return 0
    local as_root=() command apt log
    [ "$(id -u)" = 0 ] || as_root=(sudo)
    have apt-get ||
        stop "this machine has no apt-get; install what is named above (Debian's names; docs/install.md) by its own means and try again."
    command="${as_root[*]:+sudo }apt-get install -y --no-install-recommends ${wanted[*]}"
    [ "${GAPLAB_NO_INSTALL:-}" != 1 ] || stop "GAPLAB_NO_INSTALL=1 forbids installing. Type:  $command"
    [ ${#as_root[@]} = 0 ] || have sudo || stop "this user is not root and there is no sudo. As root, type:  ${command#sudo }"
    say "installing ${wanted[*]}"
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600)
    log=$(mktemp)
    if ! compgen -G '/var/lib/apt/lists/*Packages*' > /dev/null; then
        say 'fetching the package lists (apt-get update: this machine has none)'
        "${apt[@]}" update > "$log" 2>&1 || true # a failure shows again, with its reason, in the install
    fi
    if ! "${apt[@]}" install -y --no-install-recommends "${wanted[@]}" >> "$log" 2>&1 < /dev/null; then
        say 'that failed; fetching the package lists anew and trying once more'
        if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${wanted[@]}"; } > "$log" 2>&1 < /dev/null; then
            tail -n 20 "$log" >&2
            rm -f "$log"
            stop "apt-get could not install them (its last lines are above). Type it yourself to see all:  $command"
        fi
    fi
    rm -f "$log"
    wanted=()
    hash -r
}

require_dotnet() {
    have dotnet && return
    [ -x "${DOTNET_ROOT:-/usr/share/dotnet}/dotnet" ] && { export PATH="${DOTNET_ROOT:-/usr/share/dotnet}:$PATH"; return; }
    [ -x "$HOME/.dotnet/dotnet" ] && { export PATH="$HOME/.dotnet:$PATH"; return; }
    stop 'the .NET 10 SDK is not installed (no dotnet on PATH, in DOTNET_ROOT or in ~/.dotnet); Debian does not package it:' \
        'see docs/install.md.'
}

# Only when the bundle is to be built.
require_node() {
    report_stale || return 0
    local missing=() version
    version=$(node --version 2> /dev/null || echo v0)
    version=${version#v}
    [ "${version%%.*}" -ge 18 ] || missing+=(nodejs)
    have npm || missing+=(npm)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ ${#missing[@]} = 0 ] || missing+=(ca-certificates)
    want "the report's charts, bundled with Node 18 or newer" "${missing[@]}"
}

# Sets libtorch to the folder in use, "" for the system's.
require_torch() {
    local missing=()
    have cmake || missing+=(cmake)
    have make || missing+=(make)
    have g++ || missing+=(g++)
    libtorch=
    if [ -n "${GAPLAB_LIBTORCH:-}" ]; then
        local must='it must name an unpacked libtorch or the torch folder of a pip installation.'
        libtorch=$(cd "$GAPLAB_LIBTORCH" 2> /dev/null && pwd) || stop "GAPLAB_LIBTORCH=$GAPLAB_LIBTORCH is no folder; $must"
        [ -e "$libtorch/lib/libtorch_cpu.so" ] && [ -d "$libtorch/include/torch" ] ||
            stop "GAPLAB_LIBTORCH=$GAPLAB_LIBTORCH holds no lib/libtorch_cpu.so with include/torch; $must"
    else
        [ -e /usr/include/torch/csrc/api/include/torch/torch.h ] && compgen -G '/usr/lib/*/libtorch_cpu.so' > /dev/null ||
            missing+=(libtorch-dev)
        compgen -G '/usr/lib/*/openblas-pthread/libopenblas.so.0' > /dev/null || missing+=(libopenblas0-pthread)
    fi
    want 'training, on libtorch through a small library compiled here' "${missing[@]}"
}

require_python_torch() {
    [ -d /usr/lib/python3/dist-packages/torch ] || want 'the long tests, which compare with PyTorch' python3-torch
    [ -d /usr/lib/python3/dist-packages/pandas ] && [ -d /usr/lib/python3/dist-packages/matplotlib ] && have jupyter-nbconvert &&
        [ -d /usr/lib/python3/dist-packages/ipykernel ] ||
        want 'the long tests, which run a notebook' python3-pandas python3-matplotlib jupyter-nbconvert python3-ipykernel
    [ -d /usr/lib/python3/dist-packages/optuna ] || want 'the long tests, which read what Optuna writes' python3-optuna
}

# Only root can make and enter another root; others get the line that says so.
require_debootstrap() {
    [ "$(id -u)" != 0 ] || have debootstrap || want 'the training tests on Debian 13' debootstrap
}

# The live page is tested in a browser.
require_chromium() {
    [ -n "${GAPLAB_CHROMIUM:-}" ] || have chromium || want "the tests of the live page, in a browser" chromium
}

require_slurm() {
    have slurmctld && have slurmd && have munged && have sbatch && compgen -G '/usr/lib/*/faketime/libfaketime.so.1' > /dev/null ||
        want 'the long tests, which run a study on Slurm and with wrong clocks' slurmctld slurmd slurm-client munge faketime
}

# --- building: each part compares its inputs with its product, so that nothing changed costs one find ------------------------

# Anything under the paths newer than the stamp? A folder counts: its time moves when a file comes or goes.
newer() {
    local stamp=$1 path paths=(); shift
    [ -e "$stamp" ] || return 0
    for path in "$@"; do [ -e "$path" ] && paths+=("$path"); done
    [ ${#paths[@]} -gt 0 ] && [ -n "$(find "${paths[@]}" -newer "$stamp" -print -quit)" ]
}

report_stale() {
    [ -e "$root/web/package.json" ] || return 1
    [ -e "$root/web/dist/live.js" ] && [ -e "$root/web/dist/fonts/fonts.conf" ] || return 0
    newer "$root/web/dist/report.js" "$root/web/src" "$root/web/package.json" "$root/web/package-lock.json" "$root/web/tsconfig.json" \
        "$root/web/fonts.conf" "$root/web/copy-fonts.mjs"
}

# What the native library was built from: a new libtorch under the same name counts as a change.
native_origin() {
    local library
    for library in "${libtorch:-/nowhere}/lib/libtorch_cpu.so" /usr/lib/*/libtorch_cpu.so; do
        [ -e "$library" ] && { stat -L -c "%n %s %Y" "$library"; return; }
    done
}

native_stale() {
    [ -e "$root/native/CMakeLists.txt" ] || return 1
    [ -e "$root/artifacts/native/libgaplab_torch.so" ] && [ "$(cat "$stamps/native" 2> /dev/null)" = "$(native_origin)" ] || return 0
    newer "$stamps/native" "$root/native"
}

dotnet_inputs=("$root/src" "$root/python" "$root/global.json" "$root/.editorconfig"
    "$root/Directory.Build.props" "$root/Directory.Build.targets" "$root/Directory.Packages.props")

cli_stale() { [ ! -e "$program" ] || newer "$stamps/cli" "${dotnet_inputs[@]}"; }

# Two builds at once would overwrite each other: one builds, the others wait and then find nothing to do.
lock() {
    mkdir -p "$stamps"
    exec 9> "$root/artifacts/build.lock"
    have flock || return 0
    flock -n 9 || { say 'waiting for another build of this folder to end'; flock 9; }
}
unlock() { exec 9>&-; }

# quietly DOING COMMAND…: the output is shown only when the command fails. fd 9 is kept from children that outlive the build.
quietly() {
    local doing=$1 log; shift
    log=$(mktemp)
    say "$doing"
    if ! "$@" > "$log" 2>&1 < /dev/null 9>&-; then
        grep -E '(error|Error|ERR!|fatal|undefined reference)' "$log" | sort -u | head -n 40 >&2 || true
        say "$doing: FAILED; the whole output is in $log"
        exit 1
    fi
    rm -f "$log"
}

build_report() {
    report_stale || { lend_report; return 0; }
    local version
    version=$(node --version 2> /dev/null || echo v0)
    version=${version#v}
    [ "${version%%.*}" -ge 18 ] ||
        stop "the report's charts need Node 18 or newer; 'node --version' says v$version. Put a newer one first on PATH."
    lock
    if report_stale; then
        local modules=$root/web/node_modules/.package-lock.json
        if [ ! -e "$modules" ] || [ "$root/web/package-lock.json" -nt "$modules" ]; then
            quietly "fetching the report's chart library (npm ci in web/)" npm --prefix "$root/web" ci --no-audit --no-fund
        fi
        quietly "bundling the report's script (web/dist)" npm --prefix "$root/web" run build
    fi
    lend_report
    unlock
}

# The program was built before its charts: they are put where a build puts them.
lend_report() {
    local from to
    for from in "$root"/web/dist/*.js "$root"/web/dist/fonts/*; do
        to=$(dirname "$program")/web/${from#"$root/web/dist/"}
        [ -e "$from" ] && [ -e "$program" ] || continue
        [ ! -e "$to" ] || [ "$from" -nt "$to" ] || continue
        mkdir -p "$(dirname "$to")"
        cp -p "$from" "$to.new"
        mv "$to.new" "$to"
    done
}

build_native() {
    native_stale || return 0
    lock
    if native_stale; then
        local origin folder=$root/artifacts/native abi=() started
        origin=$(native_origin)
        [ "$(head -n 1 "$stamps/native" 2> /dev/null)" = "$origin" ] || rm -rf "$folder"
        # Old pip wheels were built with the old string ABI of libstdc++ and say so in their CMake file.
        grep -qs -- '-D_GLIBCXX_USE_CXX11_ABI=0' "${libtorch:-/nowhere}/share/cmake/Torch/TorchConfig.cmake" && abi=(-DGAPLAB_CXX11_ABI=0)
        started=$(mktemp "$stamps/started.XXXXXX")
        quietly "configuring the native library for ${libtorch:-the libtorch of this system}" \
            cmake -S "$root/native" -B "$folder" -DCMAKE_BUILD_TYPE=Release --no-warn-unused-cli \
            -DLIBTORCH_ROOT="$libtorch" -DCMAKE_PREFIX_PATH="$libtorch" "${abi[@]}"
        quietly 'compiling the native library (artifacts/native)' cmake --build "$folder" --parallel 2
        printf '%s\n' "$origin" > "$stamps/native"
        touch -r "$started" "$stamps/native" # an edit made while compiling is newer than this
        rm -f "$started"
    fi
    unlock
}

# dotnet_build STAMP PROJECT: the stamp carries the time the build began. The build itself needs no ICU.
dotnet_build() {
    local stamp=$1 project=$2 started
    case $(dotnet --list-sdks 2> /dev/null) in
        *1[0-9].[0-9]*) ;;
        *) stop "dotnet is here, but no SDK of version 10 or newer ('dotnet --list-sdks');" \
            "Gaplab is built from source, see docs/install.md." ;;
    esac
    started=$(mktemp "$stamps/started.XXXXXX")
    quietly "building $project" env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 \
        dotnet build "$root/$project" -c Release -v q --nologo -clp:NoSummary --disable-build-servers
    mv "$started" "$stamp"
}

build_cli() {
    cli_stale || return 0
    lock
    if cli_stale; then dotnet_build "$stamps/cli" src/Gaplab.Cli; fi
    unlock
}

# needs WORDS…: what a command line needs that has these words, one word each (torch, page, page-if-asked). The program's own table says
# it, which is written once a build; only where a file decides is the program asked.
needs() {
    local table=$root/artifacts/commands.txt line pattern typed=$*
    if [ ! -e "$table" ] || [ "$program" -nt "$table" ]; then
        dotnet "$program" needs > "$table.$$"
        mv "$table.$$" "$table"
    fi
    while IFS=$'\t' read -r pattern line; do
        # shellcheck disable=SC2053
        [[ $typed == $pattern ]] || continue
        case $line in
            *ask) printf '%s\n' "$line"; dotnet "$program" needs "$@" 2> /dev/null || true ;;
            *) printf '%s\n' "$line" ;;
        esac
        return 0
    done < "$table"
}

# One training process has one core: two thread pools on a small machine fight each other (OpenBLAS and OpenMP).
one_thread() { export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1; }
