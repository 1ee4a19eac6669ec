// The study file's keys of tasks of graphs, and of the models that read them.
using Gaplab.Learning.Specs;

namespace Gaplab.Studies;

/// <summary>Reads "task" and "model" where the samples are graphs.</summary>
internal static class GraphSections
{
    public static IReadOnlyList<string> TaskKinds { get; } = ["molecules", "tu", "random-molecules"];

    public static TaskSpec ReadTask(StudySection s, string kind)
    {
        foreach ((string key, string kinds) in (ReadOnlySpan<(string, string)>)[("path", "molecules tu"), ("smiles-column", "molecules"), ("target-column", "molecules"), ("graphs", "random-molecules"), ("graph-nodes", "random-molecules")])
        {
            if (kinds.Split(' ').Contains(kind) || !s.Has(key)) continue;
            // An override that points a study at another kind of task leaves the file's other keys idle; otherwise one is a mistake.
            if (s.IsOverride("kind") && !s.IsOverride(key)) s.Drop(key);
            else throw s.Error(key, $"'task.{key}' has no meaning for a task of kind {kind}; it belongs to {kinds.Replace(" ", " and ", StringComparison.Ordinal)}");
        }
        var byDefault = new TaskSpec();
        var task = new TaskSpec
        {
            Kind = kind,
            Context = 1,
            Path = s.File("path"),
            SmilesColumn = s.Text("smiles-column", byDefault.SmilesColumn),
            TargetColumn = s.Text("target-column"),
            Error = s.Choice("error", byDefault.Error, "mae", "mse"),
            ValidationFraction = s.Number("validation-fraction", byDefault.ValidationFraction, 0, 1, open: true),
            GraphCount = (int)s.Integer("graphs", byDefault.GraphCount, 2, 10_000_000),
            GraphNodes = (int)s.Integer("graph-nodes", byDefault.GraphNodes, 2, 1000),
            SourceSeed = s.Integer("source-seed", byDefault.SourceSeed, 0),
        };
        if (kind == "molecules" && task.Path is null) throw s.Missing("path", "a CSV file of molecules (--set task.path=FILE)");
        if (kind == "molecules" && task.TargetColumn is null) throw s.Missing("target-column", "the name of the column to predict");
        if (kind == "tu" && task.Path is null) throw s.Missing("path", "the folder of a graph set in TU format (--set task.path=FOLDER)");
        s.Finish();
        return task;
    }

    public static ModelSpec ReadModel(StudySection s)
    {
        string kind = s.Choice("kind", "gat", "gat", "grit");
        bool grit = kind == "grit";
        foreach (string key in (ReadOnlySpan<string>)["walk", "mlp-ratio", "activation", "final-norm", "residual-scale"])
            if (!grit && s.Has(key)) throw s.Error(key, $"'model.{key}' has no meaning for a model of kind {kind}; it belongs to grit");
        ModelSpec byDefault = Defaults(kind);
        ModelSpec model = byDefault with
        {
            Layers = (int)s.Integer("layers", byDefault.Layers, 1, 1000),
            Heads = (int)s.Integer("heads", byDefault.Heads, 1, 1000),
            Width = (int)s.Integer("width", byDefault.Width, 1, 1 << 20),
            MlpRatio = s.Number("mlp-ratio", byDefault.MlpRatio, 0, 100, open: true),
            Activation = s.Choice("activation", byDefault.Activation, "relu2", "relu", "gelu", "tanh", "silu", "swiglu", "geglu", "reglu"),
            Norm = s.Choice("norm", byDefault.Norm, "rmsnorm", "layernorm", "none"),
            FinalNorm = s.Flag("final-norm", byDefault.FinalNorm),
            NormGain = s.Flag("norm-gain", byDefault.NormGain),
            Bias = s.Flag("bias", byDefault.Bias),
            HeadInit = s.Choice("head-init", byDefault.HeadInit, "zero", "xavier-uniform"),
            EmbeddingStd = s.Number("embedding-std", byDefault.EmbeddingStd, 0, double.PositiveInfinity, open: true),
            WeightInit = s.Choice("weight-init", byDefault.WeightInit, "xavier-uniform", "normal"),
            WeightStd = s.Number("weight-std", byDefault.WeightStd, 0, double.PositiveInfinity, open: true),
            ResidualScale = s.Flag("residual-scale", byDefault.ResidualScale),
            Walk = (int)s.Integer("walk", byDefault.Walk, 1, 1000),
            Readout = s.Choice("readout", byDefault.Readout, "mean", "sum"),
        };
        if (model.Width % model.Heads != 0)
            throw s.Error(s.Has("heads") ? "heads" : "width", $"'model.width' {model.Width} is not divisible by 'model.heads' {model.Heads}; expected a multiple");
        s.Finish();
        return model;
    }

    /// <summary>What a kind of model is without options.</summary>
    internal static ModelSpec Defaults(string kind) => kind == "gat"
        ? new ModelSpec { Kind = kind, Heads = 4, Norm = "none", EmbeddingStd = 1, HeadInit = "zero" }
        : new ModelSpec { Kind = kind, Heads = 4, Norm = "layernorm", Activation = "relu", MlpRatio = 2, Bias = true, EmbeddingStd = 1, HeadInit = "zero" };
}
