// Reads a study of kind quadratic: an instance of the gap model, by formula or by numbers.
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Studies.Yaml;
using Gaplab.Theory.GapModel;
using YamlDotNet.RepresentationModel;

namespace Gaplab.Studies.Prediction;

/// <summary>A quadratic study: what is compared, and how many simulated runs stand beside it on request.</summary>
public sealed record QuadraticStudy(string Title, GapSetting Setting, int Runs, long Seed);

/// <summary>The YAML form; docs/predict.md tells each key.</summary>
public static class QuadraticFile
{
    /// <summary>Whether a YAML file says that it is of this kind; a file that cannot be read is not.</summary>
    public static bool Is(string path)
    {
        if (!File.Exists(path))
            return false;
        StudySource source = StudySource.Parse(path, RegularFile.ReadText(path, FileLimit.Study), Catalogues.BuiltIn, []);
        return source.Root.Children.TryGetValue(new YamlScalarNode("kind"), out YamlNode? kind)
            && kind is YamlScalarNode { Value: "quadratic" };
    }

    /// <summary>Reads and checks it.</summary>
    /// <exception cref="InputException">File, line and key of what is wrong.</exception>
    public static QuadraticStudy Read(string path)
    {
        StudySource source = StudySource.Parse(path, RegularFile.ReadText(path, FileLimit.Study), Catalogues.BuiltIn, []);
        var root = new StudySection(source, source.Root, "");
        if (root.Text("kind") is not "quadratic")
            throw root.Error("kind", "'kind' is not 'quadratic'; gaplab predict takes a file with 'kind: quadratic' or a probe.json");
        string title = root.Text("title", System.IO.Path.GetFileNameWithoutExtension(path));
        Quadratic quadratic = Placed(path, () => Instance(root));
        StudySection rotation = root.Section("rotation"),
            schedule = root.Section("schedule"),
            budget = root.Section("budget"),
            brute = root.Section("brute-force");
        var setting = new GapSetting
        {
            Quadratic = quadratic,
            Rotation = Placed(
                path,
                () =>
                    rotation.Has("pairs") ? Rotation.Pairs(quadratic, rotation.Number("pairs", 0, -180, 180))
                    : rotation.Has("random") ? Rotation.Random(quadratic, rotation.Integer("random", 1, 0))
                    : null
            ),
            First = Optimizers(root.Section("first"), "sgd"),
            Second = Optimizers(root.Section("second"), "adam"),
            Schedule = ScheduleWords.Of(
                schedule.Choice("kind", "cosine", ScheduleWords.Kinds),
                Fraction(schedule, "warm-up"),
                Fraction(schedule, "decay"),
                Fraction(schedule, "final") ?? 0
            ),
            Budget = new Budget(
                budget.Has("steps") ? budget.Integer("steps", 0, 1, 100_000_000) : null,
                budget.Has("samples") ? budget.Integer("samples", 0, 1) : null
            ),
            Batches = root.Numbers("batches", 1, 1e12) ?? throw root.Missing("batches", "a list of batch sizes"),
            TieBand = root.Number("tie-band", 0.02, 0, 10),
        };
        (int runs, long seed) = ((int)brute.Integer("runs", 1000, 16, 1_000_000), brute.Integer("seed", 1, 0));
        foreach (StudySection section in (StudySection[])[rotation, schedule, budget, brute, root])
            section.Finish();
        Placed(
            path,
            () =>
            {
                setting.Check();
                return true;
            }
        );
        return new QuadraticStudy(title, setting, runs, seed);
    }

    private static Quadratic Instance(StudySection root)
    {
        StudySection spectrum = root.Section("spectrum"),
            noise = root.Section("noise"),
            start = root.Section("start");
        Quadratic made;
        if (spectrum.Has("values"))
        {
            double[] curvature = List(spectrum, "values")!;
            double[] weight = List(spectrum, "weights") ?? [.. curvature.Select(_ => 1.0)];
            made = new Quadratic(
                curvature,
                List(noise, "values") ?? throw noise.Missing("values", "one noise variance a curvature"),
                List(start, "values") ?? throw start.Missing("values", "one squared start a curvature"),
                weight
            );
        }
        else
        {
            made = new QuadraticFamily
            {
                Spectrum = spectrum.Choice("family", "power-law", QuadraticFamily.Spectra),
                Dimension = (int)spectrum.Integer("dimension", 64, 1, 10_000_000),
                Exponent = spectrum.Number("exponent", 1, 0, 20),
                Blocks = (int)spectrum.Integer("blocks", 8, 1, 1_000_000),
                Sharp = (int)spectrum.Integer("sharp", 4, 1, 10_000_000),
                Flat = spectrum.Number("flat", 0.01, 0, 1, open: true),
                Largest = spectrum.Number("largest", 1, 0, double.PositiveInfinity, open: true),
                NoiseScale = noise.Number("scale", 100, 0, double.PositiveInfinity),
                NoiseExponent = noise.Number("exponent", 1, -20, 20),
                StartScale = start.Number("scale", 1, 0, double.PositiveInfinity, open: true),
                StartExponent = start.Number("exponent", 0, -20, 20),
                Scattered = start.Flag("scattered", true),
            }.Build();
        }
        foreach (StudySection section in (StudySection[])[spectrum, noise, start])
            section.Finish();
        return made;
    }

    private static ModelledOptimizer[] Optimizers(StudySection section, string byDefault)
    {
        ModelledOptimizer[] made = section.Choice("optimizer", byDefault, "sgd", "adam", "sign") switch
        {
            "sgd" => [.. (section.Numbers("momentum", 0, 0.9999) ?? [0.9]).Select(m => new HeavyBall(m))],
            "adam" =>
            [
                new AdamClosure(
                    section.Number("beta1", 0.9, 0, 0.9999),
                    section.Number("beta2", 0.999, 0, 0.999999),
                    section.Number("epsilon", 1e-12, 0, 1)
                ),
            ],
            _ => [new SignClosure()],
        };
        section.Finish();
        return made;
    }

    /// <summary>Numbers that may repeat, which spectra do.</summary>
    private static double[]? List(StudySection section, string key)
    {
        if (section.Node(key) is not { } node)
            return null;
        if (node is not YamlSequenceNode list)
            throw section.Error(key, $"'{section.Path(key)}' is no list; expected numbers");
        return
        [
            .. list.Children.Select(item =>
                YamlNumber.TryParse(item, out double value)
                    ? value
                    : throw section.Error(
                        key,
                        $"'{section.Path(key)}' holds "
                            + $"{(item is YamlScalarNode { Value: { } text } ? $"'{Shown.Of(text)}'" : "no number")}; expected numbers"
                    )
            ),
        ];
    }

    private static double? Fraction(StudySection section, string key) => section.Has(key) ? section.Number(key, 0, 0, 1) : null;

    private static T Placed<T>(string path, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (InputException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InputException($"{path}: {e.Message}", e);
        }
    }
}
