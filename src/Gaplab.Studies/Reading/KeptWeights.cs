// The weights that the runs of a store kept, and the answer of gaplab study weights: which there are, or the file that one was written to.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Learning.Models;
using Gaplab.Learning.Params;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Answers;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;

namespace Gaplab.Studies.Reading;

/// <summary>The weights of one run at one step.</summary>
/// <param name="Arm">Its arm.</param>
/// <param name="Run">Whose they are.</param>
/// <param name="Step">Optimizer steps taken.</param>
/// <param name="Steps">Of the whole run.</param>
public sealed record KeptPoint(Arm Arm, PlannedRun Run, long Step, long Steps);

/// <param name="Study">The study's name.</param>
/// <param name="Points">Those that there are, or the one that was written.</param>
/// <param name="File">Where it was written to; null: nothing was.</param>
/// <param name="Tensors">Names and shapes of what was written.</param>
public sealed record WeightsAnswer(
    string Study,
    IReadOnlyList<KeptPoint> Points,
    string? File,
    IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> Tensors
) : IAnswer
{
    public IEnumerable<string> Lines()
    {
        if (Points.Count == 0)
            yield return $"{Study}: no run kept its weights; runs do with checkpoint.keep: last (or all) in the study file";
        foreach (KeptPoint point in Points)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{point.Run.Id}  {point.Arm.Key}, lr {point.Run.Spec.Optimizer.LearningRate}, seed {point.Run.Spec.Seed}, "
                    + $"step {point.Step} of {point.Steps}"
            );
        if (File is not null)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"wrote {Shown.Of(File, Shown.MostWord)}: {Tensors.Count} tensors, "
                    + $"{Tensors.Sum(t => t.Shape.Aggregate(1L, (p, n) => p * n))} numbers"
            );
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = Study,
            ["weights"] = AnswerJson.Each(
                Points,
                p => new JsonObject
                {
                    ["run"] = p.Run.Id,
                    ["arm"] = p.Arm.Key,
                    ["lr"] = p.Run.Spec.Optimizer.LearningRate,
                    ["seed"] = p.Run.Spec.Seed,
                    ["step"] = p.Step,
                    ["steps"] = p.Steps,
                }
            ),
            ["file"] = File,
            ["tensors"] = AnswerJson.Each(
                Tensors,
                t => new JsonObject { ["name"] = t.Name, ["shape"] = new JsonArray([.. t.Shape.Select(n => JsonValue.Create(n))]) }
            ),
        };
}

/// <summary>Reads kept checkpoints; libtorch is not needed.</summary>
public sealed class KeptWeights(PlanDocument document, RunStore store)
{
    private const string ThetaRow = "theta",
        StatisticRow = "statistics.";

    private readonly Plan _plan = document.ToPlan();

    /// <summary>The weights that there are, in the plan's order; with a run only its.</summary>
    /// <param name="run">A run's id or its beginning; null is all.</param>
    /// <exception cref="InputException">No such run, or several whose ids begin so.</exception>
    public WeightsAnswer List(string? run) => new(document.Study.Name, [.. Runs(run).SelectMany(Points)], null, []);

    /// <summary>Writes the weights of a run.</summary>
    /// <param name="run">Its id or its beginning.</param>
    /// <param name="step">At which; null is the last that was kept.</param>
    /// <param name="file">Where to.</param>
    /// <exception cref="InputException">No such run, none kept, or a damaged checkpoint.</exception>
    public WeightsAnswer Write(string run, long? step, OutputFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        (Arm arm, PlannedRun planned) = Runs(run).Single();
        KeptPoint[] points = [.. Points((arm, planned))];
        if (points.Length == 0)
            throw new InputException(
                store.Run(planned.Id).IsFinished
                    ? $"{store.Root}: run {planned.Id} kept no weights; runs do with checkpoint.keep: last (or all) in the study "
                        + $"file, which makes no finished run again: use another --store"
                    : $"{store.Root}: run {planned.Id} is not finished; 'gaplab study run' goes on with it"
            );
        KeptPoint point = step is null
            ? points[^1]
            : points.FirstOrDefault(p => p.Step == step)
                ?? throw new InputException(
                    $"--step got {step}, but run {planned.Id} kept the weights of step {Shown.List(points.Select(p => Text(p.Step)), 20)}"
                );
        IModel model = document.Study.Catalogues.Models.Build(planned.Spec.Model, arm.Comparison.Vocabulary, planned.Spec.Task);
        using (model as IDisposable)
        {
            (GivenWeights weights, TensorType type) = Load(planned, point.Step, model.Layout);
            weights.Write(
                file,
                model.Layout,
                type,
                new Dictionary<string, string>
                {
                    ["format"] = "pt", // row-major, as other readers of safetensors ask
                    ["study"] = document.Study.Name,
                    ["run"] = planned.Id,
                    ["step"] = Text(point.Step),
                    ["model"] = planned.Spec.Model.Kind,
                }
            );
            return new WeightsAnswer(
                document.Study.Name,
                [point],
                file.Path,
                [
                    .. model.Layout.Slices.Select(s => (s.Name, (IReadOnlyList<long>)[.. s.Shape])),
                    .. weights.Statistics.Select(s => (s.Key, (IReadOnlyList<long>)[s.Value.Length])),
                ]
            );
        }
    }

    private (GivenWeights Weights, TensorType Type) Load(PlannedRun run, long step, ParamLayout layout)
    {
        string path = store.Run(run.Id).CheckpointPath(step);
        using SafetensorsReader reader = Safetensors.OpenVerified(path);
        TensorEntry theta = reader.Entry(ThetaRow);
        if (theta.Count != layout.Count)
            throw new InputException(
                $"{path}: holds {theta.Count} weights, the model of run {run.Id} has {layout.Count}; another version's? Run the study anew"
            );
        var statistics = new Dictionary<string, double[]>();
        foreach (TensorEntry entry in reader.Entries.Where(e => e.Name.StartsWith(StatisticRow, StringComparison.Ordinal)))
            statistics[entry.Name[StatisticRow.Length..]] = Numbers(entry);
        return (new GivenWeights(Numbers(theta), statistics), theta.Type);

        double[] Numbers(TensorEntry entry)
        {
            double[] values = new double[entry.Count];
            Numerics.Arrays.TensorNumbers.Read(reader, entry.Name, values);
            return values;
        }
    }

    private IEnumerable<KeptPoint> Points((Arm Arm, PlannedRun Run) of)
    {
        RunFolder run = store.Run(of.Run.Id);
        return run.IsFinished
            ? run.Checkpoints()
                .Select(step => new KeptPoint(of.Arm, of.Run, step, of.Run.Spec.Budget.Steps(of.Run.Spec.Batch, of.Run.Spec.Task.Context)))
            : [];
    }

    private IReadOnlyList<(Arm Arm, PlannedRun Run)> Runs(string? id)
    {
        (Arm Arm, PlannedRun Run)[] all =
        [
            .. new StudyResults(_plan, store).Decisions().SelectMany(d => _plan.Runs(d.Arm, d.Decision.Tried).Select(r => (d.Arm, Run: r))),
        ];
        if (id is null)
            return all;
        (Arm, PlannedRun)[] named = [.. all.Where(r => r.Run.Id.StartsWith(id, StringComparison.Ordinal)).DistinctBy(r => r.Run.Id)];
        return named.Length == 1
            ? named
            : throw new InputException(
                named.Length == 0 || id.Length == 0
                    ? $"'{Shown.Of(id)}' is no run of {store.Root}; 'gaplab study weights {store.Root}' lists those that kept their weights"
                    : $"'{Shown.Of(id)}' begins the ids of {named.Length} runs of {store.Root}; give more of it"
            );
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
