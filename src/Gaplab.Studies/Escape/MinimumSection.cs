// One minimum of an escape study: kind, curvatures, basin, noise.
using System.Globalization;
using Gaplab.Studies.Yaml;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Escape;

internal static class MinimumSection
{
    // The Hessian has their square.
    private const int MostCoordinates = 1000;

    public static EscapeMinimum Read(StudySection s, string name)
    {
        string kind = s.Choice("kind", "quadratic", "quadratic", "double-well", "asymmetric-valley");
        double[] curvature = Positive(s, "curvature");
        if (curvature.Length > MostCoordinates)
            throw s.Error(
                "curvature",
                $"'{s.Path("curvature")}' has {curvature.Length} values; expected at most {MostCoordinates} coordinates"
            );
        double[] flat = Positive(s, "flat-curvature");
        if (kind != "double-well" && curvature.Length == 0)
            throw s.Missing("curvature", "a positive number, or one for each coordinate");
        if (kind == "asymmetric-valley" && flat.Length != curvature.Length)
            throw s.Error(
                "flat-curvature",
                $"'{s.Path("flat-curvature")}' has {flat.Length} values and 'curvature' {curvature.Length}; expected as many"
            );
        if (kind != "asymmetric-valley" && flat.Length > 0)
            throw s.Error("flat-curvature", $"'{s.Path("flat-curvature")}' has no meaning for {kind}; it belongs to asymmetric-valley");
        double angle = s.Number("rotate", 0, -360, 360);
        if (angle != 0 && (kind != "quadratic" || curvature.Length != 2))
            throw s.Error("rotate", $"'{s.Path("rotate")}' turns a quadratic of two coordinates only");
        double[,] hessian = Hessian(curvature, angle * Math.PI / 180);
        IPotential potential = kind switch
        {
            "quadratic" => new QuadraticPotential(hessian),
            "double-well" => new DoubleWell(curvature),
            _ => new AsymmetricValley(curvature, flat),
        };
        int d = potential.Dimension;
        var minimum = new double[d];
        if (kind == "double-well")
            minimum[0] = 1;
        double[] diagonal = kind switch
        {
            "double-well" => [2, .. curvature],
            "asymmetric-valley" => [.. curvature.Zip(flat, Math.Min)],
            _ => [.. Enumerable.Range(0, d).Select(i => hessian[i, i])],
        };
        (Func<double, IBasin> basin, Func<double, IBasin> region) = Basin(s, kind, hessian, curvature, flat, d);
        Func<double, LevyNoise> noise = Noise(s, diagonal, d);
        s.Finish();
        return new(name, potential, minimum, basin, region, noise, diagonal);
    }

    private static (Func<double, IBasin>, Func<double, IBasin>) Basin(
        StudySection s,
        string kind,
        double[,] hessian,
        double[] curvature,
        double[] flat,
        int d
    )
    {
        string[] given = [.. ((string[])["barrier", "radius", "low", "high"]).Where(s.Has)];
        if (kind == "double-well")
        {
            if (given.Length > 0)
                throw s.Error(given[0], $"'{s.Path(given[0])}' has no meaning for a double well: its basin ends at the saddle");
            // The saddle is at distance 1; a path has left for good half-way to the other minimum.
            double committed = s.Number("committed", 0.5, 0, 1);
            IBasin Side(double at) =>
                new BoxBasin(
                    [at, .. Enumerable.Repeat(double.PositiveInfinity, d - 1)],
                    [.. Enumerable.Repeat(double.PositiveInfinity, d)]
                );
            return (_ => Side(1), _ => Side(1 + committed));
        }
        double barrier = s.Number("barrier", 0, 0, double.PositiveInfinity, open: true),
            radius = s.Number("radius", 0, 0, double.PositiveInfinity, open: true);
        double[] low = Positive(s, "low"),
            high = Positive(s, "high");
        bool box = low.Length + high.Length > 0;
        if ((barrier > 0 ? 1 : 0) + (radius > 0 ? 1 : 0) + (box ? 1 : 0) != 1)
            throw given.Length == 0
                ? s.Missing(
                    "barrier",
                    "a basin: 'barrier' (height), 'radius', or 'low' and 'high' (distances); without one the basin is unbounded"
                )
                : s.Error(
                    given[0],
                    $"'{s.Path(given[0])}' is one of several basins given; expected one of barrier, radius, or low and high"
                );
        Func<double, IBasin> make;
        if (radius > 0)
            make = w => new BallBasin(d, w * radius);
        else if (box)
        {
            foreach ((string key, double[] side) in new[] { ("low", low), ("high", high) })
                if (side.Length != 0 && side.Length != d)
                    throw s.Error(key, $"'{s.Path(key)}' has {side.Length} values for {d} coordinates; expected one each");
            make = w => new BoxBasin(
                [.. Enumerable.Range(0, d).Select(i => low.Length == 0 ? double.PositiveInfinity : w * low[i])],
                [.. Enumerable.Range(0, d).Select(i => high.Length == 0 ? double.PositiveInfinity : w * high[i])]
            );
        }
        else if (kind == "quadratic")
            make = w => new EllipsoidBasin(hessian, barrier * w * w);
        else if (d == 1)
            make = w => new BoxBasin([w * Math.Sqrt(2 * barrier / curvature[0])], [w * Math.Sqrt(2 * barrier / flat[0])]);
        else
        {
            var valley = new AsymmetricValley(curvature, flat);
            double furthest = 4 * Math.Sqrt(2 * barrier / curvature.Concat(flat).Min());
            make = w => new PredicateBasin(d, x => valley.Value(x) < barrier * w * w, furthest * w);
        }
        return (make, make);
    }

    private static Func<double, LevyNoise> Noise(StudySection s, double[] curvature, int d)
    {
        NoiseDriver driver =
            s.Choice("driver", "independent", "independent", "isotropic") == "independent"
                ? NoiseDriver.Independent
                : NoiseDriver.Isotropic;
        if (s.Node("matrix") is { } node)
        {
            if (s.Has("noise"))
                throw s.Error("noise", $"'{s.Path("noise")}' and '{s.Path("matrix")}' are both given; expected one of them");
            if (
                node is not YamlSequenceNode rows
                || rows.Children.Count != d
                || rows.Children.Any(r =>
                    r is not YamlSequenceNode row
                    || row.Children.Count != ((YamlSequenceNode)rows.Children[0]).Children.Count
                    || row.Children.Count == 0
                )
            )
                throw s.Error(
                    "matrix",
                    $"'{s.Path("matrix")}' is no matrix of {d} rows of equal length; expected for instance [[1, 0.3], [-0.2, 0.5]]"
                );
            int k = ((YamlSequenceNode)rows.Children[0]).Children.Count;
            var sigma = new double[d, k];
            for (int i = 0; i < d; i++)
            for (int j = 0; j < k; j++)
                sigma[i, j] = EscapeFile.Number(s, "matrix", ((YamlSequenceNode)rows.Children[i]).Children[j]);
            return alpha => new LevyNoise(alpha, driver, sigma);
        }
        double[] scales = s.Node("noise") is YamlScalarNode { Value: "root-curvature" }
            ? [.. curvature.Select(Math.Sqrt)]
            : Positive(s, "noise");
        if (scales.Length is 0 or 1)
            scales = [.. Enumerable.Repeat(scales.Length == 0 ? 1 : scales[0], d)];
        if (scales.Length != d)
            throw s.Error(
                "noise",
                $"'{s.Path("noise")}' has {scales.Length} values for {d} coordinates; expected one, one each, or root-curvature"
            );
        return alpha => LevyNoise.Diagonal(alpha, driver, scales);
    }

    private static double[] Positive(StudySection s, string key)
    {
        double[] values = EscapeFile.Numbers(s, key);
        return values.All(v => v > 0)
            ? values
            : throw s.Error(
                key,
                $"'{s.Path(key)}' holds {string.Create(CultureInfo.InvariantCulture, $"{values.First(v => !(v > 0))}")}; expected "
                    + $"positive numbers"
            );
    }

    private static double[,] Hessian(double[] curvature, double angle)
    {
        var hessian = new double[curvature.Length, curvature.Length];
        for (int i = 0; i < curvature.Length; i++)
            hessian[i, i] = curvature[i];
        if (angle == 0)
            return hessian;
        double c = Math.Cos(angle),
            s = Math.Sin(angle),
            a = curvature[0],
            b = curvature[1];
        return new[,]
        {
            { a * c * c + b * s * s, (a - b) * c * s },
            { (a - b) * c * s, a * s * s + b * c * c },
        };
    }
}
