// Reads an escape study from YAML: docs/escape.md describes every key.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Studies.Yaml;
using Gaplab.Theory.Escape;
using Gaplab.Theory.Levy;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Escape;

/// <summary>Escape study files.</summary>
public static class EscapeFile
{
    // Each is simulated; more would be a mistake.
    private const int MostCases = 10_000;

    private static readonly string[] s_matchings = ["update", "slowest", "fastest", "loss"];

    /// <summary>Reads a file and lays overrides over it.</summary>
    /// <exception cref="InputException">One line: the place, the key, what was got and what was expected.</exception>
    public static EscapeSpec Load(string path, params IReadOnlyList<string> overrides)
    {
        return Parse(path, RegularFile.ReadText(path, FileLimit.Study), overrides);
    }

    /// <summary>Reads text; <paramref name="path"/> names it in errors.</summary>
    /// <exception cref="InputException">As <see cref="Load"/>.</exception>
    public static EscapeSpec Parse(string path, string text, params IReadOnlyList<string> overrides)
    {
        StudySource source = StudySource.Parse(path, text, Catalogues.BuiltIn, overrides);
        var root = new StudySection(source, source.Root, "");
        string name = root.Text("study", Path.GetFileNameWithoutExtension(path)),
            question = root.Text("question", "");
        bool sde = root.Choice("dynamics", "sde", "sde", "steps") == "sde";
        StudySection adam = root.Section("adam"),
            paths = root.Section("paths"),
            list = root.Section("minima"),
            experiments = root.Section("experiments");
        Dictionary<string, EscapeMinimum> minima = list.Keys.ToDictionary(n => n, n => MinimumSection.Read(list.Section(n), n));
        foreach (string n in minima.Keys)
            list.Has(n);
        list.Finish();
        if (minima.Count == 0)
            throw root.Missing("minima", "at least one, for instance 'minima: {sharp: {curvature: 4, barrier: 0.5}}'");
        EscapeCase[] cases = experiments.Keys.Any()
            ? [.. experiments.Keys.SelectMany(e => Cases(experiments.Section(e), e, root, minima)).Take(MostCases + 1)]
            : [.. Cases(root, name, root, minima).Take(MostCases + 1)];
        if (cases.Length > MostCases)
            throw root.Error(
                "experiments",
                $"the study has more than {MostCases} cases; expected at most that many: fewer values of alpha, epsilon, width, or "
                    + $"fewer minima"
            );
        foreach (string e in experiments.Keys)
            experiments.Has(e);
        experiments.Finish();
        foreach (string key in (string[])["minimum", "algorithm", "alpha", "epsilon", "width", "matching"])
            root.Has(key);
        var spec = new EscapeSpec
        {
            Name = name,
            Question = question,
            Sde = sde,
            Cases = cases,
            Step = root.Number("step", 0.05, 0, double.PositiveInfinity, open: true),
            Momentum = Below1(root, "momentum", 0.9),
            Beta1 = sde ? adam.Number("beta1", 1, 0, double.PositiveInfinity) : Below1(adam, "beta1", 0.9),
            Beta2 = sde ? adam.Number("beta2", 0.01, 0, double.PositiveInfinity) : Below1(adam, "beta2", 0.999),
            LivePreconditioner = adam.Choice("preconditioner", sde ? "frozen" : "live", "frozen", "live") == "live",
            Frozen = Numbers(adam, "q"),
            NoisePastAverage = adam.Choice("noise", "averaged", "averaged", "direct") == "direct",
            Ensemble = new EnsembleOptions(
                root.Integer("seed", 1, 0),
                paths.Number("precision", 0.02, 0, 1, open: true),
                (int)paths.Integer("least", 512, 2, 100_000_000),
                (int)paths.Integer("most", 20_000, 2, 100_000_000)
            ),
            LimitMeans = paths.Number("limit", 20, 0, double.PositiveInfinity, open: true),
            MostSteps = paths.Integer("most-steps", 10_000_000, 1),
            Start = Numbers(root, "start"),
        };
        if (spec.Frozen.Any(q => q <= 0))
            throw adam.Error("q", "'adam.q' holds a value that is not positive; expected positive numbers");
        adam.Finish();
        paths.Finish();
        root.Finish();
        return spec;
    }

    private static IEnumerable<EscapeCase> Cases(
        StudySection s,
        string experiment,
        StudySection root,
        Dictionary<string, EscapeMinimum> minima
    )
    {
        StudySection Of(string key) => s.Has(key) ? s : root;
        double[] Positive(string key, double most)
        {
            StudySection at = Of(key);
            double[] values =
                at.Numbers(key, double.NegativeInfinity, double.PositiveInfinity)
                ?? (key == "width" ? [1.0] : throw at.Missing(key, "a number or a list of them"));
            foreach (double value in values)
                if (!(value > 0) || value > most)
                    throw at.Error(
                        key,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"'{at.Path(key)}' is {value}; expected a number above 0{(double.IsFinite(most) ? $" and at most {most}" : "")}"
                        )
                    );
            return values;
        }
        string[] names = Of("minimum").Choices("minimum", [.. minima.Keys]) ?? [.. minima.Keys];
        string[] algorithms = Of("algorithm").Choices("algorithm", EscapeSpec.Algorithms) ?? ["sgd"];
        Matching[] matchings =
        [
            .. (Of("matching").Choices("matching", s_matchings) ?? ["update"]).Select(m => (Matching)Array.IndexOf(s_matchings, m)),
        ];
        double[] alphas = Positive("alpha", 2),
            epsilons = Positive("epsilon", double.PositiveInfinity),
            widths = Positive("width", double.PositiveInfinity);
        if (s != root)
            s.Finish();
        foreach (string name in names)
        foreach (double alpha in alphas)
        foreach (double epsilon in epsilons)
        foreach (double width in widths)
        foreach (string algorithm in algorithms)
        foreach (Matching? matching in algorithm is "adam" or "adam-no-average" ? matchings.Select(m => (Matching?)m) : [null])
            yield return new(experiment, minima[name], algorithm, alpha, epsilon, width, matching);
    }

    private static double Below1(StudySection s, string key, double byDefault)
    {
        double value = s.Number(key, byDefault, 0, 1);
        return value < 1 ? value : throw s.Error(key, $"'{s.Path(key)}' is 1; expected 0 or more and below 1");
    }

    // Unlike a sweep's values, a vector's may repeat.
    internal static double[] Numbers(StudySection s, string key) =>
        s.Node(key) is YamlSequenceNode list ? [.. list.Children.Select(n => Number(s, key, n))]
        : s.Node(key) is { } one ? [Number(s, key, one)]
        : [];

    internal static double Number(StudySection s, string key, YamlNode node) =>
        YamlNumber.TryParse(node, out double value) && double.IsFinite(value)
            ? value
            : throw s.Error(
                key,
                $"'{s.Path(key)}' holds {(node is YamlScalarNode scalar ? $"'{Shown.Of(scalar.Value)}'" : "no number")}; expected numbers"
            );
}
