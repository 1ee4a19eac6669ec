// gaplab sharpness: runs a study, then measures the updates of many optimizers along its tuned runs.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Reading;
using Gaplab.Torch;

namespace Gaplab.Cli;

internal static class SharpnessCommand
{
    public static Command Create()
    {
        var arguments = new MeasurementArguments(SharpnessAnswer.Kind);
        StudyArguments study = arguments.Study;
        var from = new Option<string?>("--from") { Description = "measure the saved checkpoints of this store instead, without training" };
        var run = new Option<string?>("--run")
        {
            Description = "with --from: the checkpoints of this run (an id or its beginning) instead of those of the tuned runs",
        };
        study.File.Arity = ArgumentArity.ZeroOrOne;
        var command = new GaplabCommand(
            "sharpness",
            "run a study, then measure sharpness and progress of many optimizers' updates along its tuned runs",
            Needs.Torch | Needs.Page,
            examples:
            [
                new("studies/sharpness.yaml", "curvature along the updates of each optimizer"),
                new("studies/sharpness.yaml --at 0,0.5,1 --png sharpness.png", "at three points of the run, the main figure as a picture"),
            ]
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
        TunedMeasurement? measured = arguments.Measure(
            parsed,
            (document, results, batch) => new SharpnessProbes(results).Of(document.Study, batch, at),
            out int exit,
            SharpnessProbes.RefuseMemory
        );
        return measured is null
            ? exit
            : arguments.Output.Give(parsed, SharpnessMeasurement.Answer(measured), folder: measured.Folder, stores: measured.Store);
    }

    private static int FromStore(ParseResult parsed, PagedOutput output, string path, string? run)
    {
        TextWriter words = output.Words(parsed);
        (RunStore store, PlanDocument document) = StudyArguments.OpenStore(parsed, path);
        _ = TorchRuntime.Version;
        TorchRuntime.Threads = 1;
        var measurement = new CheckpointMeasurement(document, store);
        string command = StudyRunCommand.CommandText(parsed);
        if (!StudyRunCommand.UntilStopped(stop => measurement.Measure(run, words.WriteLine, stop)))
        {
            Console.Error.WriteLine($"interrupted; what was measured is kept. Go on with: {command}");
            return CommandRunner.Interrupted;
        }
        SharpnessAnswer answer = measurement.Answer(command);
        string[] known = [.. answer.Rows.Where(r => !r.Moves).Select(r => r.Name).Distinct()];
        words.WriteLine(
            $"shadows    {(known.Length == 0 ? "none" : string.Join(", ", known))}; an optimizer whose averages no checkpoint holds "
                + $"is left out"
        );
        return output.Give(parsed, answer, folder: store.Root, stores: store);
    }
}
