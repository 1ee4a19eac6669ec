// gaplab noise: runs a study, then measures the gradient noise of SGD and Adam along its tuned runs and tests the paper's claims on it.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Learning.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

internal static class NoiseCommand
{
    private static readonly IReadOnlyList<string> Probes = ProbeCatalogue.MeasuredBy("noise");

    public static Command Create()
    {
        var arguments = new MeasurementArguments("noise");
        var batches = new Option<string?>("--batches") { Description = "mini-batch sizes of the noise: 4,16,64 (default the run's own)" };
        var barrier = new Option<double>("--barrier")
        {
            Description = "height of the loss barrier that predicted escapes cross",
            DefaultValueFactory = _ => 0.1,
        };
        var alpha = new Option<double?>("--alpha") { Description = "predict escapes with this tail index (default the measured one)" };
        var from = new Option<string?>("--from") { Description = "report what this store holds, measured before, and train nothing" };
        var command = new Command(
            "noise",
            "run a study, then measure the tails of SGD's and Adam's gradient noise along its tuned runs, beside a Gaussian control"
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
                    string.Create(CultureInfo.InvariantCulture, $"--barrier got {height}; expected a positive height " + $"of the loss")
                );
            if (parsed.GetValue(alpha) is { } a && a is not (> 0 and < 2))
                throw new InputException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"--alpha got {a}; expected a number above 0 and below 2: Gaussian noise has no jumps to leave by"
                    )
                );
            return Run(
                parsed,
                arguments,
                arguments.Fractions(parsed),
                Sizes(parsed.GetValue(batches)),
                height,
                parsed.GetValue(alpha),
                parsed.GetValue(from)
            );
        });
        return command;
    }

    private static int Run(
        ParseResult parsed,
        MeasurementArguments arguments,
        double[]? at,
        int[]? batches,
        double barrier,
        double? alpha,
        string? from
    )
    {
        TunedMeasurement? measured = TunedMeasurement.Make(
            parsed,
            arguments,
            (document, known, batch) =>
            {
                ProbesSpec asked = document.Study.Probes ?? new ProbesSpec { Names = Probes };
                NoiseSpec noise = asked.Noise ?? new NoiseSpec();
                int[] sizes = batches ?? (noise.Batches.Count > 0 ? [.. noise.Batches] : [batch]);
                // Both recipes go along every trajectory: the escape of either is predicted from the same end.
                OptimizerSpec[] pair =
                [
                    .. known
                        .Decisions()
                        .Where(d => d.Arm.Batch == batch && d.Arm.Optimizer is "sgd" or "adam" && d.Decision.Best is not null)
                        .Select(d => d.Arm.Template with { Name = d.Arm.Optimizer, LearningRate = d.Decision.Best!.Value })
                        .DistinctBy(r => r.Name),
                ];
                return asked with { Names = Probes, At = at ?? asked.At, Noise = noise with { Batches = sizes }, Shadows = pair };
            },
            from,
            out int exit
        );
        if (measured is null)
            return exit;
        (IReadOnlyList<NoiseRow> rows, IReadOnlyList<NoiseScaleRow> scales) = NoiseReading.Tails(
            measured.Results,
            measured.Packs,
            arguments.Study.WorkerCount(parsed)
        );
        var results = new NoiseResults(
            rows,
            scales,
            NoiseReading.Losses(measured.Results, measured.Packs),
            BasinEscapes.Of(measured.Results, measured.Packs, rows, barrier, alpha)
        );
        IReadOnlyList<ClaimResult> claims = NoiseClaims.Of(results);
        string name = measured.Document.Study.Name;
        Fact[] facts =
        [
            new(
                "model",
                string.Create(CultureInfo.InvariantCulture, $"{measured.Document.Study.Model.Kind}, {measured.Plan.Parameters} parameters")
            ),
            new("trajectories", string.Join(", ", measured.Optimizers)),
            .. measured.Packs.Count == 0
                ? []
                : (Fact[])
                    [
                        new(
                            "noise",
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"{measured.Packs[0].Probes!.Noise!.Draws} mini-batches a point, drawn from "
                                    + $"{(measured.Packs[0].Probes!.Noise!.Samples is 0 ? "all" : measured.Packs[0].Probes!.Noise!.Samples)} training samples"
                            )
                        ),
                    ],
        ];
        measured.Store.AssertThere();
        Report report = NoiseReport.Build(
            name,
            facts,
            results,
            Plots(measured, rows),
            measured.Store.Integrity().Describe(measured.Folder),
            measured.Command,
            $"Gaplab {RunEnvironment.Version}"
        );
        string page = DocumentOutput.WritePage(arguments.Output.Html.Of(parsed), Path.Combine(measured.Folder, "noise.html"), report);
        if (parsed.GetValue(arguments.Output.Json))
            Console.Out.WriteLine(
                StoreCheck
                    .With(
                        JsonSerializer
                            .SerializeToNode(
                                new
                                {
                                    study = name,
                                    claims,
                                    tails = rows,
                                    noiseScale = scales,
                                    losses = results.Losses,
                                    escapes = results.Escapes,
                                },
                                DocumentOutput.Format
                            )!
                            .AsObject(),
                        measured.Store
                    )
                    .ToJsonString(DocumentOutput.Format)
            );
        else
            foreach (ClaimResult claim in claims)
                Console.WriteLine(NoiseReport.Sentence(claim).Replace("**", "", StringComparison.Ordinal));
        measured.Words.WriteLine($"report: {page}");
        StoreCheck.Print(measured.Words, measured.Store);
        return StoreCheck.Tell(CommandRunner.Done, measured.Store);
    }

    // The whole panel, with its tail plot and profiles, of the series that the claims are about.
    private static IEnumerable<Section> Plots(TunedMeasurement measured, IReadOnlyList<NoiseRow> rows) =>
        NoiseReading
            .LastPanels(measured.Store, rows)
            .SelectMany(
                (panel, i) =>
                    TailReport.Sections(
                        panel,
                        string.Create(CultureInfo.InvariantCulture, $"tails-{i + 1}"),
                        new Provenance(measured.Folder, measured.Command, [rows[0].Run])
                    )
            );

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
