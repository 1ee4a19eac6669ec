// What the study commands share: the study file or store, overrides, where the store is.
using System.CommandLine;
using Gaplab.Numerics;
using Gaplab.Results.Store;
using Gaplab.Studies;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Gaplab.Studies.Yaml;

namespace Gaplab.Cli;

/// <summary>FILE, --set, --text, --store, --workers.</summary>
internal sealed class StudyArguments
{
    public Argument<string> File { get; } = new("study") { Description = "the study file (YAML)" };

    public Option<string[]> Set { get; } =
        new("--set")
        {
            Description = "override a key of the study: --set model.layers=4; may be repeated",
            AllowMultipleArgumentsPerToken = true,
        };

    public Option<string?> Text { get; } =
        new("--text") { Description = "train on this UTF-8 text file or folder instead of the study's task" };

    public Option<string?> Store { get; } = new("--store") { Description = "the folder for runs and results (default stores/NAME)" };

    public Option<int> Workers { get; } =
        new("--workers")
        {
            Description = "processes that train at once, one core each (default: one a core)",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        };

    public Option<string?> Device { get; } = DeviceOption();

    /// <summary>--device, of every command that trains.</summary>
    internal static Option<string?> DeviceOption() =>
        new("--device") { Description = "train on cpu, cuda (every GPU, a pack on each) or cuda:N (default: what the study says)" };

    public IReadOnlyList<string> Overrides(ParseResult parsed)
    {
        List<string> overrides = [.. parsed.GetValue(Set) ?? []];
        if (parsed.GetValue(Text) is { } text)
            overrides.AddRange(["task.kind=text", $"task.path={text}"]);
        if (parsed.GetResult(Device) is not null && parsed.GetValue(Device) is { } device)
            overrides.Add($"device={device}");
        return overrides;
    }

    /// <summary>The store named, or stores/NAME, with the text's name where one was given: another text is another store.</summary>
    public string StorePath(ParseResult parsed, StudySpec study) =>
        parsed.GetValue(Store)
        ?? Path.Combine(
            "stores",
            parsed.GetValue(Text) is { } text
                ? $"{study.Name}-{Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(text))}"
                : study.Name
        );

    public int WorkerCount(ParseResult parsed)
    {
        int workers = parsed.GetValue(Workers);
        return workers >= 1 ? workers : throw new InputException($"--workers got {workers}; expected at least 1");
    }

    /// <param name="parsed">The command line.</param>
    /// <param name="workers">That share this machine's memory; null is as many as --workers says.</param>
    public PreparedStudy Prepare(ParseResult parsed, int? workers = null)
    {
        AtWork.On($"reading {Numerics.Shown.Of(parsed.GetRequiredValue(File))}, its data and its plan");
        return PreparedStudy.Read(
            parsed.GetRequiredValue(File),
            Overrides(parsed),
            workers ?? WorkerCount(parsed),
            GaplabRoot.Of(parsed).Catalogues,
            study => StorePath(parsed, study)
        );
    }

    /// <summary>Whether a study's runs are those of a command, so that no libtorch is needed; what cannot be read is told later.</summary>
    public static bool IsOfCommand(ParseResult parsed, Argument<string> file)
    {
        try
        {
            return StudyFile.Load(parsed.GetRequiredValue(file), GaplabRoot.Of(parsed).Catalogues).IsOfCommand;
        }
        catch (InputException)
        {
            return false;
        }
    }

    /// <summary>How a study is run and who is told: lines and progress go where the answer's words go.</summary>
    public StudyCall Call(ParseResult parsed, AnswerOutput output) =>
        new(
            StudyRunCommand.CommandText(parsed),
            WorkerCount(parsed),
            line => output.Words(parsed).WriteLine(line),
            () => LiveProgress.Create(parsed.GetValue(output.Json))
        );

    /// <summary>A store that a command reads and does not write, at one moment.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="path">The store's folder, or its study's file.</param>
    /// <param name="glance">Whether its runs are only listed (<see cref="RunStore.Still"/>).</param>
    public static (RunStore Store, PlanDocument Plan) OpenStill(ParseResult parsed, string path, bool glance = false)
    {
        (RunStore store, PlanDocument plan) = OpenStore(parsed, path);
        return (store.Still(glance), plan);
    }

    /// <summary>The store that a user names by its folder or by its study's file.</summary>
    /// <exception cref="InputException">There is no such store, or nothing was run in it.</exception>
    public static (RunStore Store, PlanDocument Plan) OpenStore(ParseResult parsed, string path)
    {
        Catalogues catalogues = GaplabRoot.Of(parsed).Catalogues;
        string folder = path;
        if (System.IO.File.Exists(path))
        {
            folder = Path.Combine("stores", StudyFile.Load(path, catalogues).Name);
            if (!Directory.Exists(folder))
                throw new InputException(
                    $"{path} is a study file and its store {folder} does not exist yet; make it with 'gaplab study run {path}' (or "
                        + $"'gaplab predict {path}', a prediction only), or give the store's folder"
                );
        }
        RunStore store = RunStore.Open(folder);
        return (
            store,
            PlanDocument.TryLoad(store, catalogues) ?? throw new InputException($"{folder} has no plan.json; run the study first")
        );
    }
}
