// The options of gaplab predict that only a study has, and those that only one method of predicting it has.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Analysis;
using Gaplab.Results.Prediction;
using Gaplab.Studies.Piloting;
using Gaplab.Studies.Prediction;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

/// <summary>What a study is predicted by.</summary>
internal enum PredictionMethod
{
    Pilot,
    GapModel,
    Miniature,
    Bounds,
}

/// <summary>--method, --cost, --dry-run; --pair, --at, --set, --text, --store; --miniature, --scale, --workers.</summary>
internal sealed class PredictionArguments
{
    private static readonly (string Word, PredictionMethod Method)[] s_methods =
    [
        ("pilot", PredictionMethod.Pilot),
        ("gap-model", PredictionMethod.GapModel),
        ("miniature", PredictionMethod.Miniature),
        ("bounds", PredictionMethod.Bounds),
    ];

    private readonly Option<string?> _method = new("--method")
    {
        Description =
            "of a study: 'pilot' (default: short runs of it and a few whole ones), 'gap-model' (a quadratic that is probed), 'miniature' "
            + "(smaller batches and fewer steps) or 'bounds' (a closed form from convergence bounds)",
    };
    private readonly Option<string?> _cost = new("--cost")
    {
        Description =
            "of a pilot: what it may cost of the sweep's first round, in training samples: "
            + $"{string.Join(", ", PilotTier.All.Select(t => t.Name))} (default {PilotTier.All[0].Name})",
    };
    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "of a pilot: say what it would run and what it would cost, and run nothing",
    };
    private readonly Option<string?> _pair = PairOptions.Pair("of a study: ");
    private readonly Option<string?> _at = new("--at")
    {
        Description = "of the gap model: predict from curvature and noise at the 'start', or 'after' the probe's steps (default after)",
    };
    private readonly Option<bool> _miniature = new("--miniature") { Description = "of a study: the same as --method miniature" };
    private readonly Option<int?> _scale = new("--scale")
    {
        Description =
            "of a miniature: what batch sizes and steps are divided by (default the least of 2, 4, 8, 16 that costs at most 2% of "
            + "the sweep)",
    };

    public StudyArguments Study { get; } = new();

    public IReadOnlyList<Option> Options =>
        [_method, _cost, _dryRun, _pair, _at, Study.Set, Study.Text, Study.Store, _miniature, _scale, Study.Workers];

    /// <summary>Refuses the options that only a study has.</summary>
    public void Refuse(ParseResult parsed, string what)
    {
        if (Options.FirstOrDefault(o => IsGiven(parsed, o)) is { } option)
            throw new InputException($"{option.Name} is for a study; {what} has no use for it");
    }

    /// <summary>What the study is to be predicted by.</summary>
    /// <exception cref="InputException">No such method, two of them, or an option that another one has.</exception>
    public PredictionMethod Method(ParseResult parsed)
    {
        string? word = parsed.GetValue(_method);
        bool miniature = parsed.GetValue(_miniature);
        if (miniature && word is not (null or "miniature"))
            throw new InputException($"--miniature and --method {word} were given; expected one of them");
        word ??= miniature ? "miniature" : s_methods[0].Word;
        (string Word, PredictionMethod Method) chosen = s_methods.FirstOrDefault(m => m.Word == word);
        if (chosen.Word is null)
            throw new InputException(
                $"--method got '{word}'{NearestName.Hint(word, [.. s_methods.Select(m => m.Word)])}; expected one of "
                    + string.Join(", ", s_methods.Select(m => m.Word))
            );
        (Option Option, PredictionMethod[] Of)[] own =
        [
            (_cost, [PredictionMethod.Pilot]),
            (_dryRun, [PredictionMethod.Pilot]),
            (_at, [PredictionMethod.GapModel]),
            (_scale, [PredictionMethod.Miniature]),
            (Study.Workers, [PredictionMethod.Pilot, PredictionMethod.Miniature]),
        ];
        foreach ((Option option, PredictionMethod[] of) in own)
            if (IsGiven(parsed, option) && !of.Contains(chosen.Method))
                throw new InputException(
                    $"{option.Name} is for --method {s_methods.First(m => m.Method == of[0]).Word}; --method {word} has no use for it"
                );
        return chosen.Method;
    }

    /// <summary>Whether the study is trained by its own command, or not at all, so that libtorch is not needed.</summary>
    public bool NeedsTorch(ParseResult parsed) =>
        !parsed.GetValue(_dryRun)
        && (parsed.GetValue(_method) is "gap-model" or "bounds" || !StudyArguments.IsOfCommand(parsed, Study.File));

    /// <summary>Whether an option stands on the command line.</summary>
    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Probes the study and predicts each of its comparisons by the gap model.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="oneFile">Where a single prediction is to go too.</param>
    /// <param name="say">Told what happens.</param>
    public IEnumerable<(PredictionRun Run, string File)> Predict(ParseResult parsed, string? oneFile, Action<string> say)
    {
        string at = parsed.GetValue(_at) ?? "after";
        if (at is not ("start" or "after"))
            throw new InputException($"--at got '{at}'; expected start or after");
        foreach (KeptProbe kept in Probed(parsed, fromStart: at == "start", oneFile, say))
        {
            string key = kept.Key.Heading;
            AtWork.On(key.Length == 0 ? "computing the gap from the probe" : $"computing the gap of {kept.Key} from its probe");
            yield return (PredictionRun.Of(kept.Probe, key), kept.Files.Prediction);
        }
    }

    /// <summary>Probes the study at its initial point and gives what convergence bounds say of it.</summary>
    /// <returns>The exit code.</returns>
    public int GiveBounds(ParseResult parsed, PagedOutput output)
    {
        BoundsPart[] parts = [.. Probed(parsed, fromStart: true, null, output.Words(parsed).WriteLine).Select(BoundsPart.Of)];
        return output.Give(parsed, new BoundsAnswer(parts, Path.GetFileName(parsed.GetRequiredValue(Study.File))));
    }

    private IReadOnlyList<KeptProbe> Probed(ParseResult parsed, bool fromStart, string? oneFile, Action<string> say)
    {
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
            throw SeveralComparisons(oneFile, study);
        var prediction = new StudyPrediction(
            study,
            pair,
            fromStart,
            Study.StorePath(parsed, study.Plan.Study),
            StudyRunCommand.CommandText(parsed),
            say
        );
        return StudyRunCommand.UntilStopped(prediction.Run);
    }

    /// <summary>Trains what the study's pilot lacks and gives what is predicted from it, or says what it would run.</summary>
    /// <returns>The exit code.</returns>
    public int GivePilot(ParseResult parsed, PagedOutput output, OutputOption write)
    {
        StudyCall call = Study.Call(parsed, output);
        PilotTier tier = PilotTier.Of(parsed.GetValue(_cost));
        using PreparedStudy whole = Study.Prepare(parsed);
        var pilot = StudyPilot.Of(whole, PairsOf(parsed, whole), tier, Study.StorePath(parsed, whole.Plan.Study), call);
        if (parsed.GetValue(_dryRun))
            return output.Give(parsed, pilot.Plan());
        OutputFile? to = write.Of(parsed);
        if (to is not null && whole.Plan.Comparisons.Count > 1)
            throw SeveralComparisons(to.Path, whole);
        foreach (string line in pilot.Plan().Lines())
            call.Say(line);
        RunnerEnd end = StudyRunCommand.UntilStopped(pilot.Train);
        if (StudyRunCommand.TellUnfinished(end, call.Command) is { } stopped && (end.Interrupted || !pilot.CanRead))
            return stopped;
        AtWork.On("fitting the efficiency model to the pilot");
        PilotAnswer answer = pilot.Read(Path.GetFileName(parsed.GetRequiredValue(Study.File)));
        if (to is not null)
            answer.Predictions[0].Write(to);
        int code = output.Give(parsed, answer, code: end.Missing.Count > 0 ? CommandRunner.Incomplete : CommandRunner.Done);
        return StoreCheck.Tell(code, pilot.Store!);
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

    private static InputException SeveralComparisons(string file, PreparedStudy study) =>
        new($"--out got '{file}', but the study has {study.Plan.Comparisons.Count} comparisons; their predictions go to the store");

    /// <summary>The pair named; else every other optimizer of the study against the first of the usual pair, whose runs they
    /// share.</summary>
    /// <exception cref="InputException">As --pair's, or a study of one optimizer.</exception>
    private IReadOnlyList<OptimizerPair> PairsOf(ParseResult parsed, PreparedStudy study)
    {
        string[] names = [.. study.Plan.Study.Optimizers.Select(o => o.Name)];
        if (parsed.GetValue(_pair) is { } asked)
            return [OptimizerPair.Parse(asked, names)];
        OptimizerPair usual = OptimizerPair.Default(names);
        return names.Length < 2
            ? [usual]
            : [usual, .. names.Where(n => n != usual.First && n != usual.Second).Select(n => usual with { Second = n })];
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
