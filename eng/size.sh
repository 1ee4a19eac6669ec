#!/usr/bin/env bash
# The sizes of the source. eng/size.sh prints a folder a line; eng/size.sh --check holds every project to its budget in eng/size.txt.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."

# "FOLDER LINES NAME" of every file.
sizes() {
    find src tests native python web/src benchmarks samples eng \( -name obj -o -name bin -o -name __pycache__ \) -prune -o \
        -type f \( -name '*.cs' -o -name '*.cpp' -o -name '*.h' -o -name '*.ts' -o -name '*.py' -o -name '*.sh' \) -print0 |
        xargs -0 wc -l | sed -nE 's|^ *([0-9]+) (.*)/([^/]+)$|\2 \1 \3|p'
}

if [ "${1:-}" = --check ]; then
    sizes | awk -v budget=eng/size.txt '
        BEGIN {
            while ((getline line < budget) > 0) {
                if (line ~ /^(#|$)/) continue
                split(line, part, " ")
                known[part[1]] = 1; most["files", part[1]] = part[2]; most["lines", part[1]] = part[3]; most["largest", part[1]] = part[4]
            }
        }
        # A project is two folders deep under src and tests, and one elsewhere.
        {
            split($1, at, "/")
            project = at[1] == "src" || at[1] == "tests" ? (at[2] == "" ? at[1] : at[1] "/" at[2]) : at[1]
            files[project]++; lines[project] += $2
            if ($2 > largest[project]) { largest[project] = $2; name[project] = $1 "/" $3 }
        }
        function over(what, project, is, more) {
            if (is > most[what, project]) { printf "%s: %s %d, budget %d%s\n", project, what, is, most[what, project], more; bad = 1 }
        }
        END {
            for (project in files) {
                if (!(project in known)) {
                    printf "%s has no budget; add a line: ", project
                    printf "%s %d %d %d\n", project, files[project], lines[project], largest[project]
                    bad = 1
                    continue
                }
                over("files", project, files[project], ""); over("lines", project, lines[project], "")
                over("largest", project, largest[project], " (" name[project] ")")
            }
            for (project in known)
                if (!(project in files)) {
                    printf "%s is in eng/size.txt and not in the tree; remove its line\n", project
                    bad = 1
                }
            exit bad
        }' | sort
    exit
fi
[ $# = 0 ] || { printf "eng/size.sh knows --check, not '%s'.\n" "$1" >&2; exit 2; }

printf '%-44s %6s %7s %7s  %s\n' folder files lines median largest
sizes | sort -k1,1 -k2,2n |
    awk 'function row() {
             if (!n) return
             printf "%-44s %6d %7d %7d  %s %d\n", folder, n, sum, size[int((n + 1) / 2)], last, size[n]
             files += n; lines += sum
         }
         $1 != folder { row(); folder = $1; n = sum = 0 }
         { size[++n] = $2; sum += $2; last = $3 }
         END { row(); printf "%-44s %6d %7d\n", "all", files, lines }'
