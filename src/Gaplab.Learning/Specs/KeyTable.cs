// The keys of several kinds as documents and lists print them: a row for each key, with the kinds that have it.
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gaplab.Learning.Specs;

/// <summary>A key of one or more kinds.</summary>
/// <param name="Name">As study files write it.</param>
/// <param name="Values">Range or words, with the kinds that have others.</param>
/// <param name="Default">Likewise.</param>
/// <param name="Kinds">Those that have it.</param>
/// <param name="Says">Its sentence.</param>
internal sealed record KeyRow(string Name, string Values, string Default, IReadOnlyList<string> Kinds, string Says);

/// <summary>Makes the rows.</summary>
public static partial class KeyTable
{
    /// <summary>The table in Markdown, its head first.</summary>
    public static IReadOnlyList<string> Markdown<T>(IEnumerable<(string Kind, IReadOnlyList<SpecKey<T>> Keys, T Defaults)> kinds)
    {
        var all = kinds.ToArray();
        int count = all.Select(k => k.Kind).Distinct().Count();
        return
        [
            "| key | values | default | kinds | meaning |",
            "|---|---|---|---|---|",
            .. Of(all).Select(r => $"| `{r.Name}` | {r.Values} | {r.Default} | {Owners(r)} | {r.Says} |"),
        ];

        string Owners(KeyRow row) => row.Kinds.Count == count ? "all" : string.Join(", ", row.Kinds);
    }

    /// <summary>Keys in the order in which kinds name them first; one that means different things to two kinds has two rows.</summary>
    internal static IReadOnlyList<KeyRow> Of<T>(IEnumerable<(string Kind, IReadOnlyList<SpecKey<T>> Keys, T Defaults)> kinds) =>
        [
            .. kinds
                .SelectMany(k => k.Keys.Select(key => (k.Kind, Key: key, Default: Default(key, k.Defaults))))
                .GroupBy(k => (k.Key.Name, k.Key.Says))
                .GroupBy(g => g.Key.Name)
                .SelectMany(g => g)
                .Select(g => new KeyRow(
                    g.Key.Name,
                    ByKind([.. g.Select(k => (k.Kind, Values(k.Key)))]),
                    ByKind([.. g.Select(k => (k.Kind, k.Default))]),
                    [.. g.Select(k => k.Kind).Distinct()],
                    g.Key.Says
                )),
        ];

    /// <summary>Range or words of a key.</summary>
    public static string Values<T>(SpecKey<T> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        string words = string.Join(", ", key.Words.Select(w => $"`{w}`"));
        string value = key.Form switch
        {
            KeyForm.Flag => "true or false",
            KeyForm.Text => "a text",
            KeyForm.Path => "a file or folder",
            KeyForm.Arguments => "a list of arguments",
            KeyForm.Mapping => "names with values",
            KeyForm.Word => words,
            KeyForm.Integer => $"a whole number {Range(key)}",
            _ => $"a number {Range(key)}",
        };
        return $"{value}{(key.Form != KeyForm.Word && words.Length > 0 ? $", or {words}" : "")}{List(key)}";
    }

    private static string List<T>(SpecKey<T> key) =>
        (key.IsList, key.InList) switch
        {
            (false, _) => "",
            (true, null) => "; or a list",
            (true, { Least: var least, Most: var most }) => $"; or a list of {(key.Form == KeyForm.Integer ? "whole numbers" : "numbers")} "
                + (double.IsPositiveInfinity(most) ? $"of at least {Number(least)}" : $"from {Number(least)} to {Number(most)}"),
        };

    private static string Range<T>(SpecKey<T> key)
    {
        string least = Number(key.Least),
            most = Number(key.Most);
        return (double.IsPositiveInfinity(key.Most), key.Open) switch
        {
            (true, true) => $"above {least}",
            (true, false) => $"of at least {least}",
            (false, true) => $"between {least} and {most}",
            _ when key.OpenAbove => $"from {least} to below {most}",
            _ => $"from {least} to {most}",
        };
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>The default of a key: words in code marks, "none" where there is none, "required" where a study must give it.</summary>
    public static string Default<T>(SpecKey<T> key, T defaults)
    {
        ArgumentNullException.ThrowIfNull(key);
        string value = key.Default(defaults);
        return key.Required is not null ? "required"
            : value.Length == 0 ? "none"
            : key.DefaultText is not null ? value
            : key.Form is KeyForm.Word or KeyForm.Text || key.Words.Contains(value)
                ? $"`{value.Replace(", ", "`, `", StringComparison.Ordinal)}`"
            : Exponent().Replace(value, "e$1$2");
    }

    // 1E-08 is 1e-8.
    [GeneratedRegex(@"E([+-]?)0*(\d+)")]
    private static partial Regex Exponent();

    // The commonest value, then the others with their kinds: "2 (gcnn, vit: 4; resnet: 3)".
    private static string ByKind(IReadOnlyList<(string Kind, string Value)> values)
    {
        var groups = values.GroupBy(v => v.Value).OrderByDescending(g => g.Count()).ToArray();
        string others = string.Join("; ", groups.Skip(1).Select(g => $"{string.Join(", ", g.Select(v => v.Kind).Distinct())}: {g.Key}"));
        return others.Length == 0 ? groups[0].Key : $"{groups[0].Key} ({others})".TrimStart();
    }
}
