// Reads MLflow's file store, mlruns: a folder for each run, a file for each parameter and metric of it.
using System.Globalization;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Import;

namespace Gaplab.Results.Folders;

/// <summary>The reader of mlruns/EXPERIMENT/RUN/{meta.yaml, params/NAME, metrics/NAME, tags/NAME}, from any of its levels down.</summary>
internal static class MlflowFolder
{
    private const string Meta = "meta.yaml",
        Trash = ".trash";

    private const int MostFolders = 1 << 20,
        MostFilesOfRun = 10_000,
        LongestParameter = 1 << 16;

    private static readonly FileLimit s_meta = new("meta.yaml of MLflow", 1 << 20),
        s_small = new("parameter of MLflow", LongestParameter),
        s_metric = new("metric of MLflow", 256L << 20);

    /// <summary>What MLflow's numbers stand for.</summary>
    private static readonly string[] s_states = ["", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"];

    private static readonly string[] s_parts = ["params", "metrics", "tags"];

    private static SourceTable Read(SweepSource source, ImportNotes notes)
    {
        var store = new MlflowRuns(source.Name);
        foreach ((string folder, bool deleted) in Experiments(source.Path))
        {
            Dictionary<string, string> meta = MetaOf(folder, out _) ?? [];
            string experiment = meta.GetValueOrDefault("name", Path.GetFileName(folder));
            bool gone = deleted || meta.GetValueOrDefault("lifecycle_stage") == "deleted";
            foreach (string run in IsRun(folder) ? [folder] : Folders(folder).Where(MayBeRun))
                Read(run, experiment, gone, store, notes, Path.GetRelativePath(source.Path, run).Replace('\\', '/'));
        }
        return store.Table(notes);
    }

    private static void Read(string folder, string experiment, bool deleted, MlflowRuns store, ImportNotes notes, string place)
    {
        if (MetaOf(folder, out string why) is not { } meta)
        {
            notes.SetAside.Add((place, why));
            return;
        }
        if (!IsOfRun(meta))
        {
            notes.SetAside.Add((place, $"its {Meta} is not that of a run"));
            return;
        }
        if (deleted || meta.GetValueOrDefault("lifecycle_stage") == "deleted")
        {
            notes.SetAside.Add((place, "deleted in MLflow"));
            return;
        }
        string status = meta.GetValueOrDefault("status", "");
        var run = new MlflowRun
        {
            Id = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)),
            Name = meta.GetValueOrDefault("run_name", meta.GetValueOrDefault("name", "")),
            Experiment = experiment,
            Status = int.TryParse(status, CultureInfo.InvariantCulture, out int number)
                ? s_states.ElementAtOrDefault(number) ?? status
                : status,
        };
        store.Add(run);
        foreach (string part in s_parts)
        foreach ((string path, string name) in Files(Path.Combine(folder, part)))
            try
            {
                if (part == "metrics")
                    ReadMetric(path, name, run, store, notes, place);
                else
                    (part == "params" ? run.Params : run.Tags)[name] = Utf8(RegularFile.ReadBytes(path, s_small)).Trim();
            }
            catch (InputException e)
            {
                notes.SetAside.Add(($"{place}/{part}/{name}", Shown.Line(e.Message, 100)));
            }
        if (run.Name.Length == 0)
            run.Name = run.Tags.GetValueOrDefault("mlflow.runName", "");
    }

    /// <summary>A line a value: milliseconds since 1970, the value, the step where there is one; more may follow.</summary>
    private static void ReadMetric(string path, string name, MlflowRun run, MlflowRuns store, ImportNotes notes, string place)
    {
        string text = Utf8(RegularFile.ReadBytes(path, s_metric));
        int whole = text.LastIndexOf('\n') + 1,
            number = 0;
        Span<Range> parts = stackalloc Range[4];
        foreach (ReadOnlySpan<char> line in text.AsSpan(0, whole).EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace())
                continue;
            int count = line.Split(parts, ' ', StringSplitOptions.RemoveEmptyEntries);
            long step = 0;
            if (
                count >= 2
                && Whole(line[parts[0]]) is { } time
                && SweepNumber.Parse(line[parts[1]]) is { } value
                && (count == 2 || Whole(line[parts[2]]) is { } counted && (step = counted) == counted)
            )
                store.Log(run, name, step, time, value);
            else
                notes.SetAside.Add(($"{place}/metrics/{name}, line {number}", "not 'time value step'"));
        }
        // MLflow ends every line; a number that is cut off is another number.
        if (!text.AsSpan(whole).IsWhiteSpace())
            notes.SetAside.Add(($"{place}/metrics/{name}, line {number}", "cut off at the end of the file"));
    }

    private static long? Whole(ReadOnlySpan<char> text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    /// <summary>The folders whose children are runs, or that are runs, below a path that may be any of the store's levels.</summary>
    private static IEnumerable<(string Folder, bool Deleted)> Experiments(string path)
    {
        if (IsRun(path) || IsExperiment(path))
            return [(path, false)];
        string below = Path.Combine(path, "mlruns");
        string root = Folders(path).Any(IsExperiment) || !Directory.Exists(below) ? path : below;
        return
        [
            .. Folders(root).Where(IsExperiment).Select(f => (f, false)),
            .. Folders(Path.Combine(root, Trash)).Where(IsExperiment).Select(f => (f, true)),
        ];
    }

    /// <summary>A folder of an experiment that MLflow made for a run, though it may be damaged.</summary>
    private static bool MayBeRun(string folder) =>
        s_parts.Any(p => Directory.Exists(Path.Combine(folder, p))) || File.Exists(Path.Combine(folder, Meta));

    private static bool IsRun(string folder) => MetaOf(folder, out _) is { } meta && IsOfRun(meta);

    private static bool IsOfRun(Dictionary<string, string> meta) => meta.ContainsKey("run_id") || meta.ContainsKey("run_uuid");

    private static bool IsExperiment(string folder) =>
        MetaOf(folder, out _) is { } meta && meta.ContainsKey("experiment_id") && !IsOfRun(meta) && meta.ContainsKey("artifact_location");

    private static IEnumerable<string> Folders(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateDirectories(folder, "*", s_plain).Take(MostFolders).Order(StringComparer.Ordinal)
            : [];

    /// <summary>The files of one part of a run, named by their path below it: metrics/val/loss is val/loss.</summary>
    private static IEnumerable<(string Path, string Name)> Files(string folder) =>
        Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "*", s_deep)
                .Take(MostFilesOfRun)
                .Select(f => (f, Path.GetRelativePath(folder, f).Replace('\\', '/')))
                .OrderBy(f => f.Item2, StringComparer.Ordinal)
            : [];

    // Links to folders could lead round in circles.
    private static readonly EnumerationOptions s_plain = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
    };

    private static readonly EnumerationOptions s_deep = new()
    {
        IgnoreInaccessible = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        RecurseSubdirectories = true,
        MaxRecursionDepth = 8,
    };

    /// <summary>The keys of a meta.yaml; null where it cannot be read, and why.</summary>
    private static Dictionary<string, string>? MetaOf(string folder, out string why)
    {
        why = $"has no {Meta}";
        string path = Path.Combine(folder, Meta);
        if (!File.Exists(path))
            return null;
        try
        {
            var found = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach ((string key, string value) in YamlConfig.Parse(Utf8(RegularFile.ReadBytes(path, s_meta))))
                found[key] = value;
            why = $"its {Meta} is empty";
            return found.Count == 0 ? null : found;
        }
        catch (InputException e)
        {
            why = Shown.Line($"its {Meta}: {e.Message}", 100);
            return null;
        }
    }

    private static string Utf8(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);

    private static Recognition Recognise(SweepSource source) =>
        source.IsFolder && Experiments(source.Path).Any() ? Recognition.Certain : Recognition.No;

    public static SweepFormat Format { get; } =
        new(Recognise, Read)
        {
            Name = "mlflow-folder",
            Says = "MLflow's file store (`mlruns`), an experiment or a run of it: a row for each step of each run",
            KnownBy = "a folder with MLflow's `meta.yaml` of experiments or runs",
            IsOfFolders = true,
        };
}
