// gaplab tails: the tail panel of anyone's gradient dump. Pure C#: it needs no libtorch.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Numerics.Arrays;
using Gaplab.Numerics.Tails;
using Gaplab.Results.Report;

namespace Gaplab.Cli;

internal static class TailsCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file")
        {
            Description = "a .npy, .npz, .safetensors or .csv file of values, or of [iterations, coordinates]",
        };
        var name = new Option<string?>("--name") { Description = "the array in a .npz or .safetensors file that holds several" };
        var column = new Option<string?>("--column")
        {
            Description = "columns of a .csv file by name or number, a,b (default: all, one column per coordinate)",
        };
        var transpose = new Option<bool>("--transpose") { Description = "the array is [coordinates, iterations]" };
        var axis = new Option<string?>("--axis") { Description = "iterations, coordinates, pooled or norm (default: pooled)" };
        var centre = new Option<string?>("--centre")
        {
            Description =
                "what to subtract: none, mean, median or coordinate (default: nothing of values on one side of 0, else each coordinate's "
                + "mean; of plain values the median)",
        };
        var series = new Option<bool>("--series")
        {
            Description = "plain values follow each other in time: blocks of neighbours are kept together",
        };
        var set = new Option<bool>("--set") { Description = "plain values are in no order (the default)" };
        var seed = new Option<long>("--seed") { Description = "of bootstrap and control", DefaultValueFactory = _ => 1 };
        var output = new PagedOutput();
        var command = new GaplabCommand(
            "tails",
            "are these values heavy-tailed? Eight estimators of the tail index beside a Gaussian control",
            examples:
            [
                new("values.csv", "are these values heavy-tailed?"),
                new("noise.safetensors --html tails.html", "of a tensor, as a page"),
            ]
        )
        {
            file,
            name,
            column,
            transpose,
            axis,
            centre,
            series,
            set,
            seed,
            output.Json,
            output.Html,
        };
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            (bool isSeries, bool isSet) = (parsed.GetValue(series), parsed.GetValue(set));
            if (isSeries && isSet)
                throw new InputException(
                    "--series and --set exclude each other: plain values follow each other in time, or are in no order"
                );
            var options = new TailOptions
            {
                Axis = Word<TailAxis>("--axis", parsed.GetValue(axis)),
                Centre = Word<TailCentre>("--centre", parsed.GetValue(centre)),
                Order =
                    isSeries ? TailOrder.Series
                    : isSet ? TailOrder.Set
                    : null,
                Seed = parsed.GetValue(seed),
            };
            string[]? columns = parsed.GetValue(column)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            (ITailSource source, string title) = ArrayFile.Open(
                path,
                new ArrayChoice(parsed.GetValue(name), columns, parsed.GetValue(transpose))
            );
            AtWork.On($"measuring the tails of {path}: eight estimators, their bootstrap and a Gaussian control");
            TailPanel panel;
            using (source as IDisposable)
            {
                if (source.Coordinates == 1 && options.Axis is not (null or TailAxis.Iterations))
                    throw new InputException(
                        $"{path} holds plain values, --axis {parsed.GetValue(axis)} needs an array [iterations, coordinates]"
                    );
                if (source.Coordinates > 1 && (isSeries || isSet))
                    throw new InputException(
                        $"{path} holds {source.Iterations} iterations of {source.Coordinates} coordinates, whose rows always follow each "
                            + $"other; --{(isSet ? "set" : "series")} is for plain values"
                    );
                try
                {
                    panel = TailMeasurement.Measure(source, options with { Name = title });
                }
                catch (InputException e) when (!e.Message.Contains(path, StringComparison.Ordinal))
                {
                    throw new InputException($"{path}: {e.Message}", e);
                }
            }
            string typed = string.Join(
                ' ',
                parsed.Tokens.Select(t => t.Value.Contains(' ', StringComparison.Ordinal) ? $"'{t.Value}'" : t.Value).Prepend("gaplab")
            );
            return output.Give(parsed, new TailAnswer(panel, path, typed));
        });
        return command;
    }

    private static T? Word<T>(string option, string? text)
        where T : struct, Enum =>
        text is null ? null
        : Enum.GetNames<T>().FirstOrDefault(n => n.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } name ? Enum.Parse<T>(name)
        : throw new InputException(
            $"{option} got '{text}'; expected {string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()))}"
        );
}
