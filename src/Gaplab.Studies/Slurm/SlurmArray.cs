// A study as array jobs of Slurm: the batch file that a person can read, and its submission in pieces that the site allows.
using System.Globalization;
using System.Text.RegularExpressions;
using Gaplab.Numerics;
using Gaplab.Numerics.Files;
using Gaplab.Results.Store;
using Gaplab.Studies.Running;

namespace Gaplab.Studies.Slurm;

/// <summary>Workers of one store as tasks of array jobs. Nothing depends on a task: any may be killed, preempted, requeued or started
/// twice.</summary>
/// <remarks>MaxArraySize of a site bounds the index of a task and not their number, so each array counts from 0, and the number of its
/// first task among all is given to the batch file.</remarks>
public sealed partial class SlurmArray
{
    private const string Folder = "slurm",
        FileName = "workers.sbatch",
        JobsName = "jobs.txt";
    private const int DefaultLargest = 1000, // below Slurm's own default of MaxArraySize, 1001
        SecondsBeforeTheEnd = 120;

    private readonly RunStore _store;
    private readonly string _study;
    private readonly IReadOnlyList<string> _options;

    /// <param name="store">With its plan.</param>
    /// <param name="study">The study's name.</param>
    /// <param name="options">Of sbatch, as they were typed.</param>
    /// <exception cref="InputException">An option that the arrays themselves need.</exception>
    public SlurmArray(RunStore store, string study, IReadOnlyList<string> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_store, _study, _options) = (store, study, options);
        if (options.FirstOrDefault(o => IsOwn().IsMatch(o)) is { } own)
            throw new InputException(
                $"--slurm got '{own}'; the array is the study's own, and --workers sets how many tasks it has. Any other option of sbatch "
                    + "may follow --slurm"
            );
        if (options.FirstOrDefault(o => o.Any(char.IsControl)) is { } bad)
            throw new InputException($"--slurm got {Shown.Of(bad)}; expected options of sbatch, each on one line");
    }

    /// <summary>Where the batch file is.</summary>
    public string File => Path.GetFullPath(Path.Combine(_store.Root, Folder, FileName));

    /// <summary>Writes the batch file, submits it, and keeps the ids in the store.</summary>
    /// <param name="tasks">Workers in all.</param>
    /// <returns>The id of each array and its tasks.</returns>
    /// <exception cref="InputException">There is no sbatch, or it refused: its words.</exception>
    public IReadOnlyList<(string Job, int Tasks)> Submit(int tasks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tasks, 1);
        int largest = LargestArray(SlurmProgram.Ask("scontrol", "show", "config"));
        AtomicFile.WriteText(File, Script());
        var jobs = new List<(string, int)>();
        // Without arrays each worker is a job of its own.
        foreach ((int first, int count) in Pieces(tasks, Math.Max(1, largest)))
        {
            string[] array =
                largest > 0 ? [$"--array=0-{Text(count - 1)}"] : [$"--output={Path.Combine(Path.GetDirectoryName(File)!, "%j.txt")}"];
            string answer =
                SlurmProgram.Ask("sbatch", ["--parsable", .. array, File, Text(first), Text(tasks)])
                ?? throw new InputException(
                    $"--slurm found no sbatch here; submit {File} where there is one, with: sbatch {array[0]} {File} "
                        + $"{Text(first)} {Text(tasks)}"
                );
            string id = answer.Trim().Split(';')[0];
            jobs.Add((id, count));
            Remember(id);
        }
        return jobs;
    }

    /// <summary>First task and length of each array: as equal as they can be, none longer than the site allows.</summary>
    internal static IReadOnlyList<(int First, int Count)> Pieces(int tasks, int largest)
    {
        int pieces = (tasks + largest - 1) / largest;
        return
        [
            .. Enumerable
                .Range(0, pieces)
                .Select(p => (First: (int)((long)tasks * p / pieces), End: (int)((long)tasks * (p + 1) / pieces)))
                .Select(p => (p.First, p.End - p.First)),
        ];
    }

    /// <summary>How many tasks an array may have, as <c>scontrol show config</c> says it; 0 where the site has no arrays.</summary>
    internal static int LargestArray(string? config) =>
        config is not null
        && MaxArraySize().Match(config) is { Success: true } match
        && int.TryParse(match.Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int size)
            ? size // the largest index is one less, and the first is 0
            : DefaultLargest;

    /// <summary>The batch file. What the user has asked for comes last: of two lines that set the same, Slurm takes the later.</summary>
    internal string Script()
    {
        string folder = Path.GetDirectoryName(File)!,
            worker = PackCommands.Line("worker", Path.GetFullPath(_store.Root)),
            options = string.Join('\n', Lines().Select(l => $"#SBATCH {l}"));
        return $$"""
            #!/bin/bash
            # The workers of the study '{{_study}}'. Each trains what the store lacks until nothing is left to do; any may be killed,
            # preempted, requeued or started twice, here or elsewhere, and no task waits for another.
            #   sbatch --array=0-LAST {{FileName}} FIRST ALL     FIRST: number of the array's first worker, ALL: how many there are
            #SBATCH --job-name=gaplab-{{Named(_study)}}
            #SBATCH --output={{Quoted(Path.Combine(folder, "%A-%a.txt"))}}
            #SBATCH --open-mode=append
            #SBATCH --requeue
            #SBATCH --signal=B:USR1@{{Text(SecondsBeforeTheEnd)}}
            {{options}}

            {{worker}} --shard "$(($1 + ${SLURM_ARRAY_TASK_ID:-0}))/$2" --workers "${SLURM_CPUS_PER_TASK:-1}" &
            worker=$! again=false task=${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}
            # The time is nearly up: it leaves a checkpoint and exits with 75, and the task is queued again.
            trap 'again=true; kill -USR1 "$worker"' USR1
            # Preempted or cancelled: it leaves a checkpoint; Slurm knows whether to queue it again.
            trap 'kill -TERM "$worker"' TERM
            code=129
            while [ "$code" -gt 128 ]; do wait "$worker" 2> /dev/null; code=$?; done
            if $again && [ "$code" -eq 75 ]; then scontrol requeue "$task"; fi
            exit "$code"

            """;
    }

    /// <summary>The arrays that were submitted for a store, and how many of their tasks are in which state of the queue; empty where there
    /// are none, or no Slurm.</summary>
    public static IReadOnlyList<(string State, int Tasks)> Queue(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        string path = Path.Combine(store.Root, Folder, JobsName);
        if (!System.IO.File.Exists(path))
            return [];
        HashSet<string> jobs = [.. RegularFile.ReadLines(path, FileLimit.Document)];
        try
        {
            return SlurmProgram.Ask("squeue", "--noheader", "--array", "--format=%F %T") is not { } listed
                ? []
                :
                [
                    .. listed
                        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                        .Where(w => w.Length == 2 && jobs.Contains(w[0]))
                        .GroupBy(w => w[1].ToLowerInvariant())
                        .OrderBy(g => g.Key, StringComparer.Ordinal)
                        .Select(g => (g.Key, g.Count())),
                ];
        }
        catch (InputException)
        {
            return []; // a controller that does not answer says nothing of the store
        }
    }

    private void Remember(string id)
    {
        string path = Path.Combine(_store.Root, Folder, JobsName);
        string before = System.IO.File.Exists(path) ? RegularFile.ReadText(path, FileLimit.Document) : "";
        AtomicFile.WriteText(path, before + id + "\n");
    }

    // "-p gpu" is two words and one line.
    private IEnumerable<string> Lines()
    {
        string line = "";
        foreach (string word in _options)
        {
            if (word.StartsWith('-') && line.Length > 0)
            {
                yield return line;
                line = "";
            }
            line += (line.Length > 0 ? " " : "") + Quoted(word);
        }
        if (line.Length > 0)
            yield return line;
    }

    private static string Quoted(string word) =>
        word.Any(c => char.IsWhiteSpace(c) || c is '"' or '\'' or '#' or '\\')
            ? "\"" + word.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\""
            : word;

    private static string Named(string study) => NotNamed().Replace(study, "-");

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"MaxArraySize\s*=\s*([0-9]+)")]
    private static partial Regex MaxArraySize();

    [GeneratedRegex("^(--array|-a|--parsable|--wrap)(=|$)|^-a[0-9]")]
    private static partial Regex IsOwn();

    [GeneratedRegex("[^A-Za-z0-9_.-]+")]
    private static partial Regex NotNamed();
}
