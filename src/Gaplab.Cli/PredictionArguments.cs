// The options of gaplab predict that only a study has, and those that only its miniature has.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

/// <summary>--pair, --at, --set, --text, --store; --miniature, --scale, --workers.</summary>
internal sealed class PredictionArguments
{
    private readonly Option<string?> _pair = PairOptions.Pair("of a study: ");
    private readonly Option<string?> _at = new("--at")
    {
        Description = "of a study: predict from curvature and noise at the 'start', or 'after' the probe's steps (default after)",
    };
    private readonly Option<bool> _miniature = new("--miniature")
    {
        Description = "of a study: instead of the gap model, train it with smaller batches and fewer steps and read the gap from that",
    };
    private readonly Option<int?> _scale = new("--scale")
    {
        Description =
            "of a miniature: what batch sizes and steps are divided by (default the least of 2, 4, 8, 16 that costs at most 2% of "
            + "the sweep)",
    };

    public StudyArguments Study { get; } = new();

    public IReadOnlyList<Option> Options => [_pair, _at, Study.Set, Study.Text, Study.Store, _miniature, _scale, Study.Workers];

    /// <summary>Refuses the options that only a study has.</summary>
    public void Refuse(ParseResult parsed, string what)
    {
        if (Options.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option)
            throw new InputException($"{option.Name} is for a study; {what} has no use for it");
    }

    /// <summary>Whether a miniature is wanted.</summary>
    /// <exception cref="InputException">An option that only a miniature has, without one; or one that it has no use for.</exception>
    public bool AsksForMiniature(ParseResult parsed)
    {
        if (parsed.GetValue(_miniature))
            return parsed.GetResult(_at) is { Implicit: false }
                ? throw new InputException("--at is for the gap model's probe; a miniature has no use for it")
                : true;
        return ((Option[])[_scale, Study.Workers]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } option
            ? throw new InputException($"{option.Name} is for a miniature; add --miniature, or leave it out")
            : false;
    }

    /// <summary>Probes the study and predicts each of its comparisons.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="oneFile">Where a single prediction is to go too.</param>
    /// <param name="say">Told what happens.</param>
    public IEnumerable<(PredictionRun Run, string File)> Predict(ParseResult parsed, string? oneFile, Action<string> say)
    {
        string at = parsed.GetValue(_at) ?? "after";
        if (at is not ("start" or "after"))
            throw new InputException($"--at got '{at}'; expected start or after");
        using PreparedStudy study = PreparedStudy.Read(
            parsed.GetRequiredValue(Study.File),
            Study.Overrides(parsed),
            Environment.ProcessorCount,
            GaplabRoot.Of(parsed).Catalogues,
            s => Study.StorePath(parsed, s)
        );
        (string First, string Second) pair = PairOf(parsed, study);
        StudyPrediction.RefuseUnpredictable(study);
        if (study.Plan.Comparisons.Count > 1 && oneFile is not null)
            throw new InputException(
                $"--out got '{oneFile}', but the study has {study.Plan.Comparisons.Count} comparisons; their predictions go to the store, "
                    + $"beside their probes"
            );
        var prediction = new StudyPrediction(
            study,
            pair,
            fromStart: at == "start",
            Study.StorePath(parsed, study.Plan.Study),
            StudyRunCommand.CommandText(parsed),
            say
        );
        foreach (KeptProbe kept in StudyRunCommand.UntilStopped(prediction.Run))
        {
            string key = kept.Key.Heading;
            AtWork.On(key.Length == 0 ? "computing the gap from the probe" : $"computing the gap of {kept.Key} from its probe");
            yield return (PredictionRun.Of(kept.Probe, key), kept.Files.Prediction);
        }
    }

    /// <summary>Trains what the study's miniature lacks and gives what is read from it.</summary>
    /// <returns>The exit code.</returns>
    public int GiveMiniature(ParseResult parsed, PagedOutput output)
    {
        StudyCall call = Study.Call(parsed, output);
        using PreparedStudy whole = Study.Prepare(parsed);
        StudyMiniature miniature = StudyMiniature.Begin(
            whole,
            PairOf(parsed, whole),
            parsed.GetValue(_scale),
            Study.StorePath(parsed, whole.Plan.Study),
            call
        );
        RunnerEnd end = StudyRunCommand.UntilStopped(miniature.Train);
        if (StudyRunCommand.TellUnfinished(end, call.Command) is { } stopped && (end.Interrupted || !miniature.Store.Index().Any()))
            return stopped;
        MiniatureAnswer answer = miniature.Read(Path.GetFileName(parsed.GetRequiredValue(Study.File)));
        int code = output.Give(parsed, answer, code: end.Missing.Count > 0 ? CommandRunner.Incomplete : CommandRunner.Done);
        return StoreCheck.Tell(code, miniature.Store);
    }

    /// <exception cref="InputException">As --pair's, or a study of one optimizer.</exception>
    private (string First, string Second) PairOf(ParseResult parsed, PreparedStudy study)
    {
        string[] names = [.. study.Plan.Study.Optimizers.Select(o => o.Name)];
        (string first, string second) = parsed.GetValue(_pair) is { } asked
            ? OptimizerPair.Parse(asked, names)
            : OptimizerPair.Default(names);
        return (first, second);
    }
}
