// Finds the logs in a run's folder: which files are of which format, and which of them continue each other.
using System.Text.RegularExpressions;
using Gaplab.Numerics;

namespace Gaplab.Results.Logs;

/// <summary>The files of a run. A file belongs to the first format that recognises it.</summary>
internal sealed partial class LogFolder
{
    private const int MostFiles = 20_000,
        MostLevels = 8;

    private readonly MetricSource _source;
    private readonly Action<IReadOnlyList<LogProblem>, int> _problem;
    private readonly IReadOnlyList<(string Path, string Relative)> _files;

    /// <summary>By path, of the files that a format has taken.</summary>
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>Of the files that the source names by path or pattern, the format; null where it names none.</summary>
    private readonly IReadOnlyList<(LogFile File, LogFormat Format)>? _named;

    private bool IsAuto => _source.From == MetricSource.Auto;

    /// <exception cref="InputException">The source names files that are not there or cannot be read.</exception>
    public LogFolder(MetricSource source, Action<IReadOnlyList<LogProblem>, int> problem)
    {
        (_source, _problem) = (source, problem);
        string? output = source.StandardOutput is { } path ? Path.GetFullPath(path) : null;
        _files =
            source.Files is { } own ? [.. own.Select(f => (Path.Combine(source.Folder, f), f))]
            : Directory.Exists(source.Folder) ? [.. Files(source.Folder).Where(f => Path.GetFullPath(f.Path) != output)]
            : [];
        if (IsAuto || LogFormats.Named(source.From) is not null)
            return;
        (string, string Relative)[] named = [.. _files.Where(f => MetricSource.Matches(source.From, f.Relative))];
        if (named.Length == 0)
            throw new InputException(
                $"metrics from '{source.From}': no such file in {source.Folder}, which holds "
                    + $"{(_files.Count == 0 ? "no files" : Shown.List(_files.Select(f => f.Relative)))}"
            );
        _named = [.. named.Select(f => LogFile.At(f.Item1, f.Relative)).Select(f => (f, LogFormats.Of(f)))];
    }

    /// <summary>The series of all logs in one format. Where two logs have the same name, the file or folder goes before it.</summary>
    public IReadOnlyList<MetricSeries> Series(LogFormat format)
    {
        LogFile[][] groups = [.. Groups(format, Candidates(format))];
        var logs = new List<(string Prefix, MetricLog Log)>();
        foreach (LogFile[] files in groups)
            if (Read(format, files) is { } log)
                logs.Add((format.Continues ? files[0].Folder : Path.ChangeExtension(files[0].Relative, null), log));
        HashSet<string> twice =
        [
            .. logs.SelectMany(l => l.Log.Series.Select(s => s.Name))
                .GroupBy(n => n, StringComparer.Ordinal)
                .Where(g => g.Count() > 1)
                .Select(g => g.Key),
        ];
        if (twice.Count == 0)
            return [.. logs.SelectMany(l => l.Log.Series)];
        int common = CommonFolders([.. logs.Where(l => l.Log.Series.Any(s => twice.Contains(s.Name))).Select(l => l.Prefix)]);
        return
        [
            .. logs.SelectMany(l =>
                l.Log.Series.Select(s =>
                    twice.Contains(s.Name) && string.Join('/', l.Prefix.Split('/').Skip(common)) is { Length: > 0 } prefix
                        ? s with
                        {
                            Name = $"{prefix}/{s.Name}",
                        }
                        : s
                )
            ),
        ];
    }

    private IEnumerable<LogFile> Candidates(LogFormat format)
    {
        if (_named is not null)
            return _named.Where(n => n.Format == format).Select(n => n.File);
        if (!IsAuto && _source.From != format.Name)
            return [];
        if (format == StandardOutputLog.Format)
            return Output();
        var files = new List<LogFile>();
        foreach ((string path, string relative) in _files)
        {
            if (!format.Has(Path.GetFileName(path)) || _taken.Contains(path))
                continue;
            try
            {
                var file = LogFile.At(path, relative);
                if (!format.Recognise(file))
                {
                    // Another format may know it; whoever named the format wants to know.
                    if (!IsAuto)
                        Aside(relative, file.Head.Length == 0 ? "is empty" : $"is not of the format {format.Name}");
                    continue;
                }
                _taken.Add(path);
                files.Add(file);
            }
            catch (InputException e)
            {
                Aside(relative, e.Message);
            }
        }
        return files;
    }

    /// <exception cref="InputException">It was asked for, and is not there.</exception>
    private IEnumerable<LogFile> Output()
    {
        if (_source.StandardOutput is not { } path)
            return IsAuto
                ? []
                : throw new InputException(
                    $"metrics from '{StandardOutputLog.Format.Name}': what the script printed was not kept; expected another format"
                );
        if (!File.Exists(path) && IsAuto)
            return [];
        return [LogFile.At(path)];
    }

    private static IEnumerable<LogFile[]> Groups(LogFormat format, IEnumerable<LogFile> candidates)
    {
        LogFile[] files = [.. candidates];
        if (format.ChoosesOfAll)
            return format.Choose(files).Select(f => (LogFile[])[f]);
        return files
            .GroupBy(f => Attempts().Replace(format.Continues ? f.Folder : f.Relative, "attempt"), StringComparer.Ordinal)
            .Select(g =>
                format.Continues
                    ? format.Choose([.. g]).ToArray()
                    : [.. g.OrderBy(f => Version(f.Relative)).ThenBy(f => f.Relative, StringComparer.Ordinal)]
            );
    }

    private static int Version(string path) =>
        Attempts().Matches(path).LastOrDefault(m => m.Groups[1].Success) is { } counted
        && int.TryParse(counted.Groups[1].ValueSpan, out int number)
            ? number
            : -1;

    private MetricLog? Read(LogFormat format, LogFile[] files)
    {
        var builder = new MetricLogBuilder(_source.Names.GetValueOrDefault("step", ""), _source.Names.GetValueOrDefault("samples", ""));
        foreach (LogFile file in files)
        {
            builder.Begin(file.Relative);
            try
            {
                format.Read(file, builder);
            }
            catch (InputException e) when (IsAuto || files.Length > 1)
            {
                Aside(file.Relative, Why(file, e));
            }
        }
        MetricLog log = builder.Finish(format.Name);
        _problem(log.Problems, log.ProblemCount);
        return log.Series.Count > 0 ? log : null;
    }

    /// <summary>A reader's message without the file's name, which a problem has itself.</summary>
    private static string Why(LogFile file, InputException e) =>
        e.Message.StartsWith(file.Relative, StringComparison.Ordinal)
            ? e.Message[file.Relative.Length..].TrimStart(':', ',', ' ')
            : e.Message;

    private void Aside(string file, string why) => _problem([new(file, "", why)], 1);

    private static IEnumerable<(string Path, string Relative)> Files(string folder) =>
        new DirectoryInfo(folder)
            .EnumerateFiles("*", Options)
            .Select(f => (f.FullName, Path.GetRelativePath(folder, f.FullName).Replace('\\', '/')))
            .Take(MostFiles)
            .OrderBy(f => f.Item2, StringComparer.Ordinal);

    // Links to folders could lead round in circles.
    private static EnumerationOptions Options { get; } =
        new()
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = MostLevels,
            IgnoreInaccessible = true,
            AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint,
        };

    private static int CommonFolders(string[] prefixes)
    {
        string[][] parts = [.. prefixes.Select(p => p.Split('/'))];
        int common = 0;
        while (parts.All(p => p.Length > common + 1 && p[common] == parts[0][common]))
            common++;
        return common;
    }

    /// <summary>The parts of a path that differ from one attempt of a run to the next: Lightning's version_1; times, as Hydra
    /// (2026-01-31/12-30-00), PyTorch (Jan31_12-30-00) and W&amp;B (20260131_123000-3f2a91c0) name their folders.</summary>
    [GeneratedRegex(
        @"version_(\d{1,9})|\d{4}-?\d\d-?\d\d(?:[_T/ -]\d\d[-:.]?\d\d[-:.]?\d\d)?(?:-[0-9a-z]{8}(?=/|$))?|[A-Z][a-z]{2}\d\d_\d\d-\d\d-\d\d"
    )]
    internal static partial Regex Attempts();
}
