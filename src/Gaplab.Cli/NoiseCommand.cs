// gaplab noise: runs a study, then measures the gradient noise of SGD and Adam along its tuned runs and tests the paper's claims on it.
using System.CommandLine;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using Gaplab.Studies.Measuring;

namespace Gaplab.Cli;

internal static class NoiseCommand
{
    public static Command Create()
    {
        var arguments = new MeasurementArguments(NoiseAnswer.Kind);
        var batches = new Option<string?>("--batches") { Description = "mini-batch sizes of the noise: 4,16,64 (default the run's own)" };
        var barrier = new Option<double>("--barrier")
        {
            Description = "height of the loss barrier that predicted escapes cross",
            DefaultValueFactory = _ => NoiseMeasurement.UsualBarrier,
        };
        var alpha = new Option<double?>("--alpha") { Description = "predict escapes with this tail index (default the measured one)" };
        var from = new Option<string?>("--from") { Description = "report what this store holds, measured before, and train nothing" };
        var command = new GaplabCommand(
            "noise",
            "run a study, then measure the tails of SGD's and Adam's gradient noise along its tuned runs, beside a Gaussian control",
            Needs.Torch | Needs.Page,
            examples: [new("studies/noise.yaml", "tails of gradient noise along tuned runs")]
        )
        {
            arguments.Study.File,
            arguments.At,
            batches,
            arguments.Geometry,
            barrier,
            alpha,
            from,
            arguments.Study.Set,
            arguments.Study.Text,
            arguments.Study.Store,
            arguments.Study.Workers,
            arguments.Output.Json,
            arguments.Output.Html,
        };
        command.SetAction(parsed =>
        {
            double height = parsed.GetValue(barrier);
            if (!(height > 0) || !double.IsFinite(height))
                throw new InputException(
                    string.Create(CultureInfo.InvariantCulture, $"--barrier got {height}; expected a positive height of the loss")
                );
            if (parsed.GetValue(alpha) is { } a && a is not (> 0 and < 2))
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"--alpha got {a}; expected a number above 0 and below 2: Gaussian noise has no jumps to leave by"
                    )
                );
            (double[]? at, int[]? sizes) = (arguments.Fractions(parsed), Sizes(parsed.GetValue(batches)));
            TunedMeasurement.ProbesOf probes = (document, known, batch) => NoiseMeasurement.Probes(document, known, batch, at, sizes);
            int exit = CommandRunner.Done;
            TunedMeasurement? measured = parsed.GetValue(from) is { } store
                ? arguments.Read(parsed, store, probes)
                : arguments.Measure(parsed, probes, out exit);
            return measured is null
                ? exit
                : arguments.Output.Give(
                    parsed,
                    NoiseMeasurement.Answer(measured, height, parsed.GetValue(alpha), arguments.Study.WorkerCount(parsed)),
                    folder: measured.Folder,
                    stores: measured.Store
                );
        });
        return command;
    }

    private static int[]? Sizes(string? text)
    {
        if (text is null)
            return null;
        return
        [
            .. text.Split(',')
                .Select(part =>
                    int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int b) && b is >= 1 and <= 1 << 20
                        ? b
                        : throw new InputException(
                            $"--batches got '{part.Trim()}'; expected batch sizes from 1 to {1 << 20}, for example --batches 4,16,64"
                        )
                )
                .Distinct()
                .Order(),
        ];
    }
}
