// Optimizer, learning rate, global batch and seed of one run, out of whatever its config calls them.
using System.Globalization;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders;

/// <summary>What a run's config says of the four settings that every run of a sweep has.</summary>
internal sealed record RunSettings
{
    public string Optimizer { get; private init; } = "";

    public string LearningRate { get; private init; } = "";

    /// <summary>The samples of one step over all devices and passes.</summary>
    public string Batch { get; private init; } = "";

    public string Seed { get; private init; } = "";

    /// <summary>How the batch was made: "micro_batch x grad_accum"; "" where a number was taken as it stands.</summary>
    public string Product { get; private init; } = "";

    public long? BatchSize { get; private init; }

    /// <summary>Keys that could have been meant as well, with another value: "lr: optim.lr, not head.lr".</summary>
    public IReadOnlyList<string> Chosen { get; private init; } = [];

    public static RunSettings Of(IReadOnlyDictionary<string, string> config)
    {
        var chosen = new List<string>();
        (string? optimizer, string optimizerText) = Best(config, ColumnRole.Optimizer, ColumnNames.Known[ColumnRole.Optimizer], _ => true);
        (string? rate, string rateText) = Best(
            config,
            ColumnRole.LearningRate,
            ColumnNames.Known[ColumnRole.LearningRate],
            v => SweepNumber.Parse(v) is > 0,
            chosen
        );
        (_, string seed) = Best(config, ColumnRole.Seed, ColumnNames.Known[ColumnRole.Seed], _ => true);
        (string product, string batch, long? size) = GlobalBatch(config, chosen);
        // A dict that was printed is read by the importer; a null optimizer is none.
        return new()
        {
            Optimizer = optimizer is null ? "" : optimizerText,
            LearningRate = rate is null ? "" : rateText,
            Seed = seed,
            Batch = batch,
            BatchSize = size,
            Product = product,
            Chosen = chosen,
        };
    }

    private static (string Product, string Batch, long? Size) GlobalBatch(IReadOnlyDictionary<string, string> config, List<string> chosen)
    {
        if (Best(config, null, ColumnNames.GlobalBatches, IsCount) is (not null, var whole))
            return ("", whole, Whole(whole));
        (string? key, string text) = Best(config, null, ColumnNames.DeviceBatches, IsCount);
        if (key is null)
            (key, text) = Best(config, ColumnRole.Batch, ColumnNames.Known[ColumnRole.Batch], IsCount, chosen);
        if (key is null || Whole(text) is not { } size)
            return ("", "", null);
        var factors = new List<string> { key };
        Multiply(ColumnNames.Accumulations);
        if (!Multiply(["worldsize", "numprocesses"]))
        {
            Multiply(ColumnNames.Devices);
            Multiply(ColumnNames.Nodes);
        }
        return (factors.Count > 1 ? string.Join(" x ", factors) : "", size.ToString(CultureInfo.InvariantCulture), size);

        bool Multiply(string[] names)
        {
            (string? factor, string times) = Best(config, null, names, IsCount);
            if (factor is null || Whole(times) is not { } n)
                return false;
            if (n > 1 && size <= long.MaxValue / 4 / n)
            {
                size *= n;
                factors.Add(factor);
            }
            return true;
        }
    }

    private static bool IsCount(string text) => Whole(text) is >= 1;

    private static long? Whole(string text) =>
        SweepNumber.Parse(text) is { } value && value >= 1 && value < 1L << 40 && Math.Floor(value) == value ? (long)value : null;

    /// <summary>The setting whose key is the most telling of some names, and among equals the shortest.</summary>
    private static (string? Key, string Value) Best(
        IReadOnlyDictionary<string, string> config,
        ColumnRole? role,
        string[] names,
        Func<string, bool> fits,
        List<string>? chosen = null
    )
    {
        var found = config
            .Where(c => !SweepNumber.IsBlank(c.Value) && !c.Value.StartsWith('[') && fits(c.Value))
            .Select(c => (c.Key, c.Value, Rank: ColumnNames.Rank(names, c.Key)))
            .Where(c => c.Rank >= 0)
            .OrderBy(c => c.Rank)
            .ThenBy(c => c.Key.Length)
            .ThenBy(c => c.Key, StringComparer.Ordinal)
            .ToArray();
        if (found.Length == 0)
            return (null, "");
        if (
            chosen is not null
            && role is { } named
            && Array.Find(found, f => f.Value != found[0].Value && SweepNumber.Parse(f.Value) != SweepNumber.Parse(found[0].Value))
                is { Key: { } other }
        )
            chosen.Add($"{ColumnNames.Name(named)}: {found[0].Key}, not {other}");
        return (found[0].Key, found[0].Value);
    }
}
