// The study file's "evaluation": when and on how much a run is evaluated.
using Gaplab.Learning.Specs;
using E = Gaplab.Learning.Specs.EvaluationSpec;

namespace Gaplab.Studies.Yaml;

internal static class EvaluationSection
{
    private static readonly E s_translation = new() { Bleu = 256 };

    /// <summary>Keys of a translation alone.</summary>
    public static IReadOnlyList<SpecKey<E>> OfTranslation { get; } =
    [
        SpecKey.WholeOr<E>(
            "bleu",
            1,
            int.MaxValue,
            [("all", 0), ("none", -1)],
            e => e.Bleu,
            (e, v) => e with { Bleu = v },
            "translation: validation sentences translated at the end for `validation-bleu`"
        ) with
        {
            DefaultText = $"{s_translation.Bleu}",
        },
        SpecKey.Whole<E>(
            "beam",
            1,
            64,
            e => e.Beam,
            (e, v) => e with { Beam = v },
            "translation: width of the beam search; 1 is greedy decoding"
        ),
    ];

    public static KeySection<E> Section { get; } =
        new(
            "evaluation",
            "when and on how much a run is evaluated",
            new E(),
            [
                SpecKey.Whole<E>(
                    "points",
                    0,
                    1_000_000,
                    e => e.Points,
                    (e, v) => e with { Points = v },
                    "evaluations during the run, the last at its end; 0: only at the end"
                ),
                SpecKey.WholeOr<E>(
                    "validation",
                    1,
                    int.MaxValue,
                    [("all", 0)],
                    e => e.Validation,
                    (e, v) => e with { Validation = v },
                    "validation sequences, evenly spaced"
                ),
                SpecKey.WholeOr<E>(
                    "train",
                    1,
                    int.MaxValue,
                    [("all", 0), ("none", -1)],
                    e => e.Train,
                    (e, v) => e with { Train = v },
                    "training sequences in the last evaluation"
                ),
                .. OfTranslation,
                SpecKey.Whole<E>(
                    "micro-batch",
                    1,
                    1 << 30,
                    e => e.MicroBatch,
                    (e, v) => e with { MicroBatch = v },
                    "sequences per forward pass; larger batches accumulate gradients"
                ),
            ]
        );

    /// <exception cref="Numerics.InputException">A value that is not valid, or a key of translation for another task.</exception>
    public static E Read(StudySection root, TaskSpec task)
    {
        StudySection s = root.Section(Section.Name);
        bool translation = s.Catalogues.Tasks.Of(task.Kind).Samples == SampleKind.Pairs;
        foreach (string key in OfTranslation.Select(k => k.Name))
            if (!translation && s.Has(key))
                throw s.Error(key, $"'evaluation.{key}' has no meaning for a task of kind {task.Kind}; it belongs to translation");
        return Section.Read(s, translation ? s_translation : Section.Defaults);
    }
}
