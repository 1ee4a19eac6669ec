#!/usr/bin/env bash
# The sizes of the source, a folder a line: a report to look at, never a failure.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
printf '%-44s %6s %7s %7s  %s\n' folder files lines median largest
{ git ls-files --cached --others --exclude-standard -- src tests native web/src benchmarks samples eng | grep -E '\.(cs|cpp|h|ts|py|sh)$'; } |
    while read -r file; do [ -e "$file" ] && printf '%s %s %s\n' "$(dirname "$file")" "$(wc -l < "$file")" "$(basename "$file")"; done |
    sort -k1,1 -k2,2n |
    awk 'function row() { if (n) { printf "%-44s %6d %7d %7d  %s %d\n", folder, n, sum, size[int((n + 1) / 2)], last, size[n]; files += n; lines += sum } }
         $1 != folder { row(); folder = $1; n = sum = 0 }
         { size[++n] = $2; sum += $2; last = $3 }
         END { row(); printf "%-44s %6d %7d\n", "all", files, lines }'
