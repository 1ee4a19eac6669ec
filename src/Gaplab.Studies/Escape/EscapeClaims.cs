// The claims of Zhou et al. 2020 beside what was measured.
using System.Globalization;

namespace Gaplab.Studies.Escape;

internal static class EscapeClaims
{
    // An exponent agrees when it lies within three standard errors of the prediction's (many are judged at once), or within 2% of it: with
    // very many paths the neglected second order shows.
    private const double Slack = 0.02,
        Errors = 3;

    public static IEnumerable<EscapeClaim> Of(
        IReadOnlyList<EscapeRow> rows,
        IReadOnlyList<ExponentFit> fits,
        IReadOnlyDictionary<string, double> curvatures
    )
    {
        foreach (var group in fits.GroupBy(f => f.Against))
        {
            ExponentFit[] judged = [.. group.Where(f => f.Corrected is not null)];
            string list = string.Join(
                "; ",
                judged.Select(f =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{f.Minimum} {f.Algorithm}{With(f.Matching)} α {f.Alpha:0.##}: "
                            + $"{f.Exponent:0.000} [{f.Low:0.000}, "
                            + $"{f.High:0.000}], theory {f.Theory:0.000}, with the finite-noise correction {f.Corrected:0.000}"
                    )
                )
            );
            int agree = judged.Count(f => Agrees(f));
            yield return new(
                group.Key == "epsilon" ? "the escape time grows as ε^−α" : "the escape time grows as (width of the basin)^α",
                judged.Length == 0
                    ? "no series lies in the theory's region of validity"
                    : $"{agree} of {judged.Length} fitted exponents agree with theory ({list})",
                judged.Length == 0 ? null : agree == judged.Length
            );
        }
        foreach (EscapeClaim claim in Algorithms(rows))
            yield return claim;
        foreach (var group in rows.Where(r => r.Algorithm == "sgd").GroupBy(r => (r.Experiment, r.Alpha, r.Epsilon, r.Width)))
            if (Shapes([.. group], curvatures) is { } claim)
                yield return claim;
    }

    private static IEnumerable<EscapeClaim> Algorithms(IReadOnlyList<EscapeRow> rows)
    {
        foreach (EscapeRow other in rows.Where(r => r.Algorithm.StartsWith("adam", StringComparison.Ordinal)))
        {
            EscapeRow? sgd = rows.FirstOrDefault(r =>
                r.Algorithm == "sgd"
                && (r.Experiment, r.Minimum, r.Alpha, r.Epsilon, r.Width)
                    == (other.Experiment, other.Minimum, other.Alpha, other.Epsilon, other.Width)
            );
            if (sgd?.Simulated is not { Mean: > 0, Stderr: not null } a)
                continue;
            string name = other.Algorithm switch
            {
                "adam" => "Adam",
                "adam-no-average" => "Adam without its moving average",
                _ => "Adam without its preconditioner",
            };
            string where = string.Create(
                CultureInfo.InvariantCulture,
                $"{other.Minimum}, α {other.Alpha:0.##}, ε "
                    + $"{other.Epsilon:0.####}, width "
                    + $"{other.Width:0.##}{(other.Matching is null ? "" : $", equal {Meaning(other.Matching)}")}"
            );
            string claim = $"SGD leaves sooner than {name} ({where})";
            if (other.Simulated is not { Mean: > 0, Stderr: not null } b)
            {
                yield return new(
                    claim,
                    string.Create(CultureInfo.InvariantCulture, $"no path of {name} left within the limit; SGD's mean is {a.Mean:g4}"),
                    true
                );
                continue;
            }
            double ratio = a.Mean!.Value / b.Mean!.Value,
                error = ratio * Math.Sqrt(Math.Pow(a.Stderr!.Value / a.Mean.Value, 2) + Math.Pow(b.Stderr!.Value / b.Mean.Value, 2));
            double? predicted = sgd.Predicted.Mean / other.Predicted.Mean;
            string theory =
                other.Refused ? "theory refused: " + other.Reason
                : predicted is { } p ? string.Create(CultureInfo.InvariantCulture, $"theory {p:0.000}")
                : "no theory";
            yield return new(
                claim,
                string.Create(CultureInfo.InvariantCulture, $"T_SGD/T_Adam = {ratio:0.000} ± {1.96 * error:0.000} ({theory})"),
                Math.Abs(ratio - 1) <= 1.96 * error ? null : ratio < 1
            );
        }
    }

    private static EscapeClaim? Shapes(EscapeRow[] rows, IReadOnlyDictionary<string, double> curvatures)
    {
        EscapeRow[] order =
        [
            .. rows.Where(r => r.Simulated is { Mean: > 0, Stderr: not null }).OrderByDescending(r => curvatures[r.Minimum]),
        ];
        if (order.Length < 2 || curvatures[order[0].Minimum] == curvatures[order[^1].Minimum])
            return null;
        EscapeRow sharp = order[0],
            flat = order.Last(r => r.Minimum != sharp.Minimum);
        double difference = flat.Simulated.Mean!.Value - sharp.Simulated.Mean!.Value,
            error = Math.Sqrt(Math.Pow(flat.Simulated.Stderr!.Value, 2) + Math.Pow(sharp.Simulated.Stderr!.Value, 2));
        return new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"sharp minima are left sooner than flat ones (α {sharp.Alpha:0.##}, ε {sharp.Epsilon:0.####})"
            ),
            string.Join(
                "; ",
                order.Select(r =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{r.Minimum}: {r.Simulated.Mean:g4} ± {1.96 * r.Simulated.Stderr!.Value:g2}{Theory(r)}"
                    )
                )
            ),
            Math.Abs(difference) <= 1.96 * error ? null : difference > 0
        );

        static string Theory(EscapeRow row) =>
            row.Predicted.Mean is { } mean ? string.Create(CultureInfo.InvariantCulture, $" (theory {mean:g4})") : "";
    }

    private static bool Agrees(ExponentFit f) =>
        f.Corrected is { } theory
        && (Math.Abs(f.Exponent - theory) <= Errors * (f.High - f.Low) / 3.92 || Math.Abs(f.Exponent / theory - 1) <= Slack);

    private static string With(string? matching) => matching is null ? "" : $" ({matching})";

    private static string Meaning(string matching) =>
        matching switch
        {
            "update" => "update size",
            "slowest" => "slowest rate",
            "fastest" => "fastest rate",
            _ => "stationary loss",
        };
}
