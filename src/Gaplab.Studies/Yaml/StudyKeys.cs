// The keys at the top of a study file that hold a value, not a section.
using Gaplab.Learning.Specs;
using S = Gaplab.Studies.StudySpec;

namespace Gaplab.Studies.Yaml;

internal static class StudyKeys
{
    public static SpecKey<S> Name { get; } =
        SpecKey.Text<S>(
            "study",
            s => s.Name,
            (s, v) => s with { Name = v },
            "name of the study and of its store: letters, digits, `-`, `_`, `.`; it does not start with a dot"
        ) with
        {
            Pattern = $"^(?!\\.)[A-Za-z0-9._-]{{1,{StudyFile.MostName}}}$", // a folder's name, too
            DefaultText = "the file's name",
        };

    public static SpecKey<S> Question { get; } =
        SpecKey.Text<S>(
            "question",
            s => s.Question,
            (s, v) => s with { Question = v },
            "what the study is meant to answer; shown in the report"
        ) with
        {
            DefaultText = "empty",
        };

    public static SpecKey<S> Metric { get; } =
        SpecKey.Word<S>(
            "metric",
            S.Metrics,
            s => s.Metric,
            (s, v) => s with { Metric = v },
            "what is tuned and compared; `train-loss`: over the training set, at the end; `last-mean`: mean training loss of the last 1% "
                + "of the steps; `last-min`: their minimum, biased by batch size, because smaller batches take more steps; "
                + "`validation-bleu`: of a translation, higher is better; `validation-accuracy`: of images and of graphs with classes, "
                + "higher is better"
        ) with
        {
            Elsewhere = S.MetricsElsewhere,
        };

    public static SpecKey<S> Device { get; } =
        new()
        {
            Name = "device",
            Says =
                "where runs train: `cpu`, `cuda` (every GPU, one pack on each), `cuda:1` (that one), or `mirror` (the CPU under another "
                + "name, to test a GPU's path); no part of a run's id",
            Form = KeyForm.Text,
            Pattern = Torch.Device.Pattern,
            Reads = (s, key, study) =>
                s.Text(key.Name) is not { } text ? study
                : Torch.Device.TryParse(text) is null ? throw s.Error(key.Name, $"'{key.Name}' is '{text}'; expected {Torch.Device.Words}")
                : study with { Device = text },
            Value = study => study.Device,
        };

    /// <summary>All, in the order in which they are read and printed.</summary>
    public static IReadOnlyList<SpecKey<S>> All { get; } =
    [
        Name,
        Question,
        Metric,
        SpecKey.Word<S>(
            "precision",
            RunSpec.Precisions,
            s => s.Precision,
            (s, v) => s with { Precision = v },
            "numbers of weights, gradients, optimizers and model; `bfloat16`: the model alone is computed in bfloat16, the rest is float32"
        ),
        Device,
        SpecKey.Number<S>(
            "divergence-factor",
            1,
            double.PositiveInfinity,
            s => s.DivergenceFactor,
            (s, v) => s with { DivergenceFactor = v },
            "a loss above this multiple of the initial loss counts as diverged, as NaN and Inf do; the initial loss is that of 64 "
                + "training samples, and the losses of small batches are averaged over about as many",
            open: true
        ),
    ];

    /// <summary>A study without its sections.</summary>
    /// <param name="root">The file.</param>
    /// <param name="fileName">The study's name where the file says none.</param>
    /// <exception cref="Numerics.InputException">A value that is not valid.</exception>
    public static S Read(StudySection root, string fileName)
    {
        var none = new S
        {
            Name = fileName,
            Optimizers = [],
            Grid = GridSection.Section.Defaults,
            Budget = BudgetSection.Section.Defaults,
        };
        S study = All.ReadAll(root, none);
        if (study.Name.Length == 0)
            throw root.Missing(Name.Name, "a name, as the file's own begins with a dot");
        if (!FullMatch.Of(Name.Pattern!, study.Name))
            throw root.Error(
                Name.Name,
                $"'study' is '{study.Name}'; expected a name of letters, digits, '-', '_' and '.', at most {StudyFile.MostName} of them "
                    + $"(it names the study's folder)"
            );
        return study;
    }
}
