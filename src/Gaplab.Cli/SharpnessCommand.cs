// gaplab sharpness: runs a study, then measures the updates of many optimizers along its tuned runs.
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Gaplab.Learning.Specs;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using Gaplab.Results.Report.Charts;
using Gaplab.Results.Store;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class SharpnessCommand
{
    public static Command Create()
    {
        var arguments = new MeasurementArguments("sharpness");
        StudyArguments study = arguments.Study;
        var from = new Option<string?>("--from") { Description = "measure the saved checkpoints of this store instead, without training" };
        var run = new Option<string?>("--run")
        {
            Description = "with --from: the checkpoints of this run (an id or its beginning) instead of those of the tuned runs",
        };
        study.File.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command(
            "sharpness",
            "run a study, then measure sharpness and progress of many optimizers' updates along its tuned runs"
        )
        {
            study.File,
            arguments.At,
            arguments.Geometry,
            from,
            run,
            study.Set,
            study.Text,
            study.Store,
            study.Workers,
            arguments.Output.Json,
            arguments.Output.Html,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(from) is { } store)
            {
                string? other =
                    ((Option[])[arguments.At, arguments.Geometry, study.Set, study.Text, study.Store])
                        .FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })
                        ?.Name
                    ?? (parsed.GetValue(study.File) is null ? null : "a study file");
                if (other is not null)
                    throw new InputException(
                        $"--from measures the checkpoints of a store as they are and not with {other}; leave one of the two out"
                    );
                return FromStore(parsed, arguments.Output, store, parsed.GetValue(run));
            }
            if (parsed.GetValue(run) is not null)
                throw new InputException("--run names a run of the store given by --from; give --from STORE too");
            if (parsed.GetValue(study.File) is null)
                throw new InputException("sharpness needs a study file (STUDY.yaml), or --from STORE to measure saved checkpoints");
            return Run(parsed, arguments, arguments.Fractions(parsed));
        });
        return command;
    }

    private static int Run(ParseResult parsed, MeasurementArguments arguments, IReadOnlyList<double>? at)
    {
        TunedMeasurement? measured = TunedMeasurement.Make(
            parsed,
            arguments,
            (document, results, batch) => new SharpnessProbes(results).Of(document.Study, batch, at),
            null,
            out int exit,
            CheckMemory
        );
        if (measured is null)
            return exit;
        Write(
            parsed,
            arguments.Output,
            SharpnessRows.Read(measured.Results, measured.Packs),
            SharpnessCurves.Of(measured.Results),
            measured.Document,
            measured.Store,
            measured.Command,
            [new("trajectories", string.Join(", ", measured.Optimizers))],
            Path.Combine(measured.Folder, "sharpness.html")
        );
        return StoreCheck.Tell(CommandRunner.Done, measured.Store);
    }

    private static int FromStore(ParseResult parsed, DocumentOutput output, string path, string? run)
    {
        TextWriter words = output.Words(parsed);
        (RunStore store, PlanDocument document) = StudyArguments.OpenStore(path);
        _ = TorchRuntime.Version;
        TorchRuntime.Threads = 1;
        var measurement = new CheckpointMeasurement(document, store);
        string command = StudyRunCommand.CommandText();
        if (StudyRunCommand.UntilStopped(stop => new RunnerEnd(!measurement.Measure(run, words.WriteLine, stop), [])).Interrupted)
        {
            Console.Error.WriteLine($"interrupted; what was measured is kept. Go on with: {command}");
            return CommandRunner.Interrupted;
        }
        IReadOnlyList<SharpnessRow> rows = measurement.Rows();
        string[] known = [.. rows.Where(r => !r.Moves).Select(r => r.Name).Distinct()];
        words.WriteLine(
            $"shadows    {(known.Length == 0 ? "none" : string.Join(", ", known))}; an optimizer whose averages no checkpoint holds "
                + $"is left out"
        );
        Write(
            parsed,
            output,
            rows,
            [],
            document,
            store,
            command,
            [new("points", "saved checkpoints")],
            Path.Combine(store.Root, "sharpness-checkpoints.html")
        );
        return StoreCheck.Tell(CommandRunner.Done, store);
    }

    private static void Write(
        ParseResult parsed,
        DocumentOutput output,
        IReadOnlyList<SharpnessRow> rows,
        IReadOnlyList<PanelPoint> curves,
        PlanDocument document,
        RunStore store,
        string command,
        IEnumerable<Fact> facts,
        string usualPage
    )
    {
        store.AssertThere();
        string[] claims = [.. SharpnessReport.Claims(rows, curves)];
        Report report = SharpnessReport.Build(
            document.Study.Name,
            [
                new(
                    "model",
                    string.Create(CultureInfo.InvariantCulture, $"{document.Study.Model.Kind}, {document.ToPlan().Parameters} parameters")
                ),
                .. facts,
            ],
            rows,
            curves,
            store.Integrity().Describe(store.Root),
            command,
            $"Gaplab {RunEnvironment.Version}"
        );
        string page = DocumentOutput.WritePage(output.Html.Of(parsed), usualPage, report);
        if (parsed.GetValue(output.Json))
            Console.Out.WriteLine(
                StoreCheck
                    .With(
                        JsonSerializer
                            .SerializeToNode(
                                new
                                {
                                    study = document.Study.Name,
                                    claims,
                                    points = rows.Select(r => r with { Histogram = [], Landscape = [] }),
                                },
                                DocumentOutput.Format
                            )!
                            .AsObject(),
                        store
                    )
                    .ToJsonString(DocumentOutput.Format)
            );
        else
            foreach (string claim in claims)
                Console.WriteLine(claim.Replace("**", "", StringComparison.Ordinal));
        output.Words(parsed).WriteLine($"report: {page}");
        StoreCheck.Print(output.Words(parsed), store);
    }

    // The probes come after the training: what they will need is counted before it.
    private static void CheckMemory(PreparedStudy study)
    {
        Plan plan = study.Plan;
        ProbesSpec probes = SharpnessProbes.Expected(plan.Study);
        foreach (PackSpec pack in plan.FirstRound())
        {
            RunSpec spec = pack.Runs[0].Spec;
            if (
                StudyChecks.MemoryRefusal(
                    plan.Study,
                    plan.Memory(spec, pack.Runs.Count, probes),
                    plan.Memory(spec, pack.Runs.Count, null),
                    study.AllowedMemory
                ) is
                { } refusal
            )
                throw new InputException(refusal);
        }
    }
}
