// The study file's keys of tasks of graphs, and of the models that read them.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies.Yaml;

/// <summary>Reads "task" and "model" where the samples are graphs.</summary>
internal static class GraphSections
{
    public static IReadOnlyList<string> TaskKinds { get; } = ["molecules", "tu", "random-molecules"];

    public static TaskSpec ReadTask(StudySection s, string kind)
    {
        TaskKeys.RefuseForeign(
            s,
            kind,
            ("path", "molecules tu"),
            ("smiles-column", "molecules"),
            ("target-column", "molecules"),
            ("targets", "molecules"),
            ("blank", "molecules"),
            ("graphs", "random-molecules"),
            ("graph-nodes", "random-molecules")
        );
        var byDefault = new TaskSpec();
        var task = new TaskSpec
        {
            Kind = kind,
            Context = 1,
            Path = s.File("path"),
            SmilesColumn = s.Text("smiles-column", byDefault.SmilesColumn),
            TargetColumn = s.Text("target-column"),
            Blank = s.Choice("blank", byDefault.Blank, "refuse", "skip"),
            Error = s.Choice("error", byDefault.Error, "mae", "mse"),
            ValidationFraction = s.Number("validation-fraction", byDefault.ValidationFraction, 0, 1, open: true),
            GraphCount = (int)s.Integer("graphs", byDefault.GraphCount, 2, 10_000_000),
            GraphNodes = (int)s.Integer("graph-nodes", byDefault.GraphNodes, 2, 1000),
            SourceSeed = s.Integer("source-seed", byDefault.SourceSeed, 0),
        };
        if (kind == "molecules" && task.Path is null)
            throw s.Missing("path", "a CSV file of molecules (--set task.path=FILE)");
        if (s.Texts("targets") is { } targets)
        {
            if (task.TargetColumn is not null)
                throw s.Error(
                    "targets",
                    "'task.targets' names the columns to predict, and so does 'task.target-column'; keep one of the two"
                );
            // One target is the same task under either key.
            task = targets.Length == 1 ? task with { TargetColumn = targets[0] } : task with { Targets = string.Join('\n', targets) };
        }
        if (kind == "molecules" && task.TargetColumn is null && task.Targets is null)
            throw s.Missing("target-column", "the name of the column to predict (of several: targets: [a, b])");
        if (kind == "tu" && task.Path is null)
            throw s.Missing("path", "the folder of a graph set in TU format (--set task.path=FOLDER)");
        s.Finish();
        return task;
    }

    public static ModelSpec ReadModel(StudySection s)
    {
        string kind = s.Choice("kind", "gat", "gat", "grit");
        bool grit = kind == "grit";
        foreach (string key in (ReadOnlySpan<string>)["walk", "mlp-ratio", "activation", "final-norm", "residual-scale"])
            if (!grit && s.Has(key))
                throw s.Error(key, $"'model.{key}' has no meaning for a model of kind {kind}; it belongs to grit");
        ModelSpec byDefault = Defaults(kind);
        ModelSpec model = ModelKeys.ReadWithBlocks(s, byDefault) with
        {
            Walk = (int)s.Integer("walk", byDefault.Walk, 1, 1000),
            Readout = s.Choice("readout", byDefault.Readout, "mean", "sum"),
        };
        ModelKeys.CheckHeads(s, model);
        s.Finish();
        return model;
    }

    /// <summary>What a kind of model is without options.</summary>
    internal static ModelSpec Defaults(string kind) =>
        kind == "gat"
            ? new ModelSpec
            {
                Kind = kind,
                Heads = 4,
                Norm = "none",
                EmbeddingStd = 1,
                HeadInit = "zero",
            }
            : new ModelSpec
            {
                Kind = kind,
                Heads = 4,
                Norm = "layernorm",
                Activation = "relu",
                MlpRatio = 2,
                Bias = true,
                EmbeddingStd = 1,
                HeadInit = "zero",
            };
}
