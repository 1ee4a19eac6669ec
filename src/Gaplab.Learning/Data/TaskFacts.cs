// What a page says of a task: for each kind what defines its data.
using System.Globalization;
using Gaplab.Learning.Specs;

namespace Gaplab.Learning.Data;

/// <summary>The facts of each kind of task, from its spec alone: neither data nor libtorch is needed.</summary>
public static class TaskFacts
{
    /// <summary>Of <see cref="TaskCatalogue.Kinds"/>.</summary>
    /// <exception cref="InvalidOperationException">A kind that has no row here.</exception>
    public static IReadOnlyList<SpecFact> Of(TaskSpec task) =>
        task.Kind switch
        {
            "text" => [File(task), new("tokenizer", $"tokens: {task.Tokenizer}"), Context(task), .. Content(task)],
            "tokens" => [File(task), Context(task), .. Content(task)],
            "markov" =>
            [
                new("", "Zipf–Markov source"),
                new("exponent", string.Create(CultureInfo.InvariantCulture, $"exponent {task.Exponent}")),
                new("dependence", string.Create(CultureInfo.InvariantCulture, $"dependence {task.Dependence}")),
                new("tokens", $"{task.Tokens} tokens"),
                Context(task),
            ],
            "translation" =>
            [
                new("source", $"{Path.GetFileName(task.Source)}"),
                new("target", $"to {Path.GetFileName(task.Target)}"),
                new("source-context", $"at most {(task.SourceContext == 0 ? task.Context : task.SourceContext)} source tokens"),
                new("context", $"at most {task.Context} target tokens"),
                .. Content(task),
            ],
            "idx" or "cifar" => [File(task), .. Content(task)],
            "image-folder" => [File(task), new("side", $"side {(task.Side == 0 ? 32 : task.Side)}"), .. Content(task)],
            "shapes" =>
            [
                new("images", $"{task.ImageCount} generated images of shapes"),
                new("classes", $"{(task.Classes == 0 ? 10 : task.Classes)} classes"),
                new("overlap", string.Create(CultureInfo.InvariantCulture, $"overlap {task.Overlap}")),
            ],
            "barcodes" =>
            [
                new("images", $"{task.ImageCount} generated barcodes"),
                new("classes", $"{(task.Classes == 0 ? 64 : task.Classes)} classes"),
                new("exponent", string.Create(CultureInfo.InvariantCulture, $"exponent {task.Exponent}")),
                new("bar-noise", string.Create(CultureInfo.InvariantCulture, $"bar noise {task.BarNoise}")),
            ],
            "fasta" => [File(task), new("objective", $"objective: {task.Objective}"), Context(task), .. Content(task)],
            "genome" =>
            [
                new("", "generated genome"),
                new("order", $"order {task.Order}"),
                new("motifs", $"{task.Motifs} motifs"),
                new("tokens", $"{task.Tokens} bases"),
                new("objective", $"objective: {task.Objective}"),
                Context(task),
            ],
            "molecules" =>
            [
                File(task),
                task.Targets is { } several
                    ? new("targets", $"targets {string.Join(", ", several.Split('\n').Select(t => $"'{t}'"))}")
                    : new("target-column", $"target '{task.TargetColumn}'"),
                new("error", $"error: {task.Error}"),
                .. Content(task),
            ],
            "tu" => [File(task), .. Content(task)],
            "random-molecules" =>
            [
                new("graphs", $"{task.GraphCount} generated graphs"),
                new("graph-nodes", $"at most {task.GraphNodes} nodes"),
                new("error", $"error: {task.Error}"),
            ],
            _ => throw new InvalidOperationException($"no facts are known of a task of kind '{task.Kind}'"),
        };

    /// <summary>What a loss of the task is counted in.</summary>
    public static string LossUnit(TaskSpec task) =>
        task.Kind switch
        {
            "idx" or "cifar" or "image-folder" or "shapes" or "barcodes" => "nats per image",
            "fasta" or "genome" => "nats per base",
            "molecules" or "tu" or "random-molecules" => "per graph",
            _ => "nats per token",
        };

    private static SpecFact File(TaskSpec task) => new("path", $"{Path.GetFileName(task.Path)} ({task.Kind})");

    private static SpecFact Context(TaskSpec task) => new("context", $"context {task.Context}");

    private static SpecFact[] Content(TaskSpec task) =>
        task.Content is { Length: >= 12 } content ? [new("", $"SHA-256 {content[..12]}…")] : [];
}
