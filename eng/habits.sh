#!/usr/bin/env bash
# The first stage of ./test: layout, line lengths, sizes and shell scripts. One line per habit, "ok: …" or "FAILED: …" with what to do.
# It needs no build, and no network once the formatter is in the NuGet cache; a file whose layout was right and that has not changed
# is not laid out again.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
# shellcheck source=prepare.sh
. "$root/eng/prepare.sh"
cd "$root"
status=0

# fault WHAT [LINES]: the habit is broken; the first lines of what was found follow, indented.
fault() {
    status=1
    printf 'FAILED: %s\n' "$1"
    if [ -n "${2:-}" ]; then sed -n '1,20s/^/    /p' <<< "$2"; fi
}

# sources [TEST…]: the C# files for which find's tests hold, one per line.
sources() { find src tests benchmarks samples \( -name obj -o -name bin \) -prune -o -name '*.cs' "$@" -print; }

# shells: the shell scripts, by their ending or their first line, one per line.
shells() {
    local file
    { find . -maxdepth 1 -type f -print; find eng benchmarks samples .ci -type f -print; } | while IFS= read -r file; do
        if [[ $file = *.sh ]] || [[ $(head -c 64 "$file" | tr -d '\0' | head -n 1) =~ ^'#!'.*(/| )(ba)?sh ]]; then printf '%s\n' "$file"; fi
    done
}

# others: what CSharpier does not lay out, one per line.
others() {
    shells
    find native python web/src tests benchmarks \( -name obj -o -name bin \) -prune -o \
        \( -name '*.cpp' -o -name '*.h' -o -name '*.ts' -o -name '*.py' \) -print
}

layout() {
    local stamp=$stamps/layout since=() files=() said began
    mkdir -p "$stamps"
    newer "$stamp" .csharpierrc.yaml .csharpierignore dotnet-tools.json .editorconfig || since=(-newer "$stamp")
    mapfile -t files < <(sources "${since[@]}")
    if [ ${#files[@]} -gt 0 ]; then
        began=$(mktemp "$stamps/started.XXXXXX")
        if ! said=$(dotnet tool restore 2>&1); then
            rm -f "$began"
            fault 'layout was not checked: dotnet tool restore could not get CSharpier (dotnet-tools.json); it needs the network once' \
                "$said"
            return
        fi
        if ! said=$(dotnet csharpier check "${files[@]}" 2>&1); then
            rm -f "$began"
            fault 'layout: type  dotnet csharpier format .' "$(grep -E '^(Error|Warning)' <<< "$said" || tail -n 20 <<< "$said")"
            return
        fi
        mv "$began" "$stamp"
    fi
    printf 'ok: layout (%s files looked at anew)\n' "${#files[@]}"
}

# Characters, not bytes. CSharpier breaks code, but neither strings nor comments.
lines() {
    local long
    # grep ends with 1 where it finds none; what it says on stderr is shown as a fault.
    long=$({ sources; others; } | tr '\n' '\0' | LC_ALL=C.UTF-8 xargs -0 grep -nE '^.{141,}' 2>&1 | cut -c 1-200) || true
    if [ -n "$long" ]; then
        fault "lines longer than 140 characters: $(wc -l <<< "$long"); name a part of each (a variable, a method) or break its string" \
            "$long"
    else
        printf 'ok: no line is longer than 140 characters\n'
    fi
}

sizes() {
    local said
    if said=$(eng/size.sh --check 2>&1); then
        printf 'ok: sizes are within eng/size.txt\n'
    else
        fault 'sizes: make it smaller, or raise the number in eng/size.txt in the same commit and say why in its message' "$said"
    fi
}

scripts() {
    local file said=''
    while IFS= read -r file; do said+=$(bash -n "$file" 2>&1) || said+=$'\n'; done < <(shells)
    if [ -n "$said" ]; then fault 'shell scripts that bash cannot parse' "$said"; else printf 'ok: shell scripts parse\n'; fi
}

require_dotnet
layout
lines
sizes
scripts
exit "$status"
