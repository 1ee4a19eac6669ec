// Lists, each followed by itself in order: a task whose rule can be learned exactly, with a known least loss; its own keys and its row.
using Gaplab.Learning.Data;
using Gaplab.Learning.Data.Text;
using Gaplab.Learning.Specs;
using Gaplab.Numerics.Streams;

/// <remarks>A line is n of V letters, a mark, the same n in order, a mark; of its tokens n are drawn: n·ln V / (2n+2) nats each.</remarks>
internal static class SortedLists
{
    private static readonly OwnKey<TaskSpec, int> Letters = OwnKey.Whole<TaskSpec>("letters", 8, 2, 1000, "V");
    private static readonly OwnKey<TaskSpec, int> Items = OwnKey.Whole<TaskSpec>("items", 4, 1, 100, "n");

    public static TaskKind Kind { get; } =
        new()
        {
            Name = "sorted-lists",
            Says = "generated lists, each followed by itself in order",
            Samples = SampleKind.Tokens,
            Defaults = new TaskSpec { Kind = "sorted-lists" },
            Keys = [TaskKey.Context, TaskKey.ValidationFraction, TaskKey.Tokens, TaskKey.SourceSeed, Letters, Items],
            Generated = true,
            Load = spec => LanguageTask.Load(spec, Made),
            Facts = task => [new("items", $"lists of {Items.Of(task)} of {Letters.Of(task)} letters"), TaskFact.Context(task)],
        };

    private static LanguageTask Made(TaskSpec spec)
    {
        (int items, int letters, var tokens) = (Items.Of(spec), Letters.Of(spec), new List<ushort>());
        RandomStream random = RandomStream.For(spec.SourceSeed, "data/sorted-lists");
        while (tokens.Count < spec.Tokens)
        {
            ushort[] list = [.. Enumerable.Range(0, items).Select(_ => (ushort)random.NextIndex(letters))];
            tokens.AddRange([.. list, (ushort)letters, .. list.Order(), (ushort)(letters + 1)]);
        }
        double least = items * Math.Log(letters) / (2 * items + 2);
        return LanguageTask.Split(spec, "the generated lists", letters + 2, TokenSequence.Of(tokens.ToArray()), leastLoss: least);
    }
}
