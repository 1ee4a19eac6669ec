// What sharpness and noise are told alike: the study, where along which tuned runs to measure, and how to answer.
using System.CommandLine;
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Measuring;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Studies.Yaml;
using Gaplab.Torch;

namespace Gaplab.Cli;

/// <summary>The study's options, --at, --geometry, --json, --html.</summary>
/// <param name="page">What is written into the store.</param>
internal sealed class MeasurementArguments(PageKind page)
{
    public StudyArguments Study { get; } = new();

    public Option<string?> At { get; } = new("--at") { Description = "where to measure, fractions of the run: 0,0.1,0.5,1" };

    public Option<string?> Geometry { get; } =
        new("--geometry")
        {
            Description = "the study's optimizers along whose tuned runs to measure (default sgd,adam where it has them, else all)",
        };

    public PagedOutput Output { get; } = new(page);

    /// <summary>Fractions of the run, ascending; null where the option was not given.</summary>
    /// <exception cref="InputException">No fractions.</exception>
    public double[]? Fractions(ParseResult parsed)
    {
        if (parsed.GetValue(At) is not { } text)
            return null;
        return
        [
            .. text.Split(',')
                .Select(part =>
                    double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double f) && f is >= 0 and <= 1
                        ? f
                        : throw new InputException(
                            $"--at got '{part.Trim()}'; expected fractions of the run from 0 to 1, for example --at 0,0.1,0.5,1"
                        )
                )
                .Distinct()
                .Order(),
        ];
    }

    /// <summary>Of the <paramref name="names"/> of a study's optimizers.</summary>
    /// <exception cref="InputException">A name of none of them.</exception>
    public string[] Geometries(ParseResult parsed, string[] names)
    {
        if (parsed.GetValue(Geometry) is not { } text)
            return names.Where(n => n is "sgd" or "adam").ToArray() is { Length: > 0 } usual ? usual : names;
        string[] asked = [.. text.Split(',').Select(n => n.Trim()).Distinct()];
        foreach (string name in asked)
            if (!names.Contains(name))
                throw new InputException(
                    $"--geometry got '{name}', but the study has no such optimizer; expected of {string.Join(", ", names)}"
                );
        return asked;
    }

    /// <summary>Trains and measures what the store lacks.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="probes">By batch size.</param>
    /// <param name="exit">The exit code.</param>
    /// <param name="check">Refuses, before anything is trained, what the probes could not do.</param>
    /// <returns>The measurement; null where the exit code says why there is nothing to report.</returns>
    public TunedMeasurement? Measure(
        ParseResult parsed,
        TunedMeasurement.ProbesOf probes,
        out int exit,
        Action<PreparedStudy>? check = null
    )
    {
        using PreparedStudy study = Study.Prepare(parsed);
        TunedMeasurement.RefuseSeveral(study.Path, study.Plan.Study);
        string[] optimizers = Geometries(parsed, Names(study.Plan.Study));
        _ = TorchRuntime.Version;
        study.RefuseErrors();
        check?.Invoke(study);
        StudyCall call = Study.Call(parsed, Output);
        (TunedMeasurement measured, RunnerEnd end) = StudyRunCommand.UntilStopped(stop =>
            TunedMeasurement.Make(study, Study.StorePath(parsed, study.Plan.Study), optimizers, probes, call, stop)
        );
        int? unfinished = StudyRunCommand.TellUnfinished(end, call.Command);
        exit = unfinished ?? CommandRunner.Done;
        return unfinished is null ? measured : null;
    }

    /// <summary>Reads a store that the same command has measured; nothing is trained.</summary>
    /// <exception cref="InputException">It is another study's, or lacks some of it.</exception>
    public TunedMeasurement Read(ParseResult parsed, string from, TunedMeasurement.ProbesOf probes)
    {
        string file = parsed.GetRequiredValue(Study.File);
        (RunStore store, PlanDocument document) = StudyArguments.OpenStore(parsed, from);
        string named = StudyFile.Load(file, GaplabRoot.Of(parsed).Catalogues, Study.Overrides(parsed)).Name;
        if (named != document.Study.Name)
            throw new InputException(
                $"--from got {from}, which is the store of the study '{document.Study.Name}'; expected that of '{named}'"
            );
        TunedMeasurement.RefuseSeveral(file, document.Study);
        return TunedMeasurement.Read(
            store,
            document,
            Geometries(parsed, Names(document.Study)),
            probes,
            StudyRunCommand.CommandText(parsed)
        );
    }

    private static string[] Names(StudySpec study) => [.. study.Optimizers.Select(o => o.Name)];
}
