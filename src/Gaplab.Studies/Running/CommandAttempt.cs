// One attempt at a run of a command: started in the run's folder, watched to the end of its last process, and its end told.
using System.Diagnostics;
using System.Globalization;
using Gaplab.Learning.Models;
using Gaplab.Learning.Optim;
using Gaplab.Learning.Specs;
using Gaplab.Studies.Commands;
using static System.FormattableString;

namespace Gaplab.Studies.Running;

/// <summary>How an attempt ended.</summary>
/// <param name="Ending">In which way.</param>
/// <param name="Metrics">What it measured, with what earlier attempts in the same folder did.</param>
/// <param name="Took">From its start to the end of its last process.</param>
/// <param name="Line">What was run.</param>
/// <param name="Troubles">What the user should know of it: "left … running".</param>
/// <param name="Printed">The file of what it printed; null where it is not kept.</param>
internal sealed record CommandAttemptEnd(
    CommandEnding Ending,
    CommandMetrics Metrics,
    TimeSpan Took,
    CommandLine Line,
    IReadOnlyList<string> Troubles,
    string? Printed = null
);

/// <summary>Starts and watches.</summary>
/// <param name="crew">What all runs of the study share.</param>
/// <param name="spec">The run.</param>
/// <param name="folder">Its folder: what the command prints is kept there, and below it is the command's own.</param>
/// <param name="number">1 for the first attempt.</param>
/// <param name="devices">The GPUs that it has.</param>
internal sealed class CommandAttempt(CommandCrew crew, RunSpec spec, string folder, int number, IReadOnlyList<string> devices)
{
    /// <summary>The folder, in a run's, that is the command's own.</summary>
    public const string OutFolder = "out";

    /// <summary>What the command printed, in a run's folder.</summary>
    public const string OutputName = "output.txt";

    private const string AttemptVariable = "GAPLAB_ATTEMPT";

    private static readonly EnumerationOptions s_everything = new()
    {
        IgnoreInaccessible = true,
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint, // links may lead anywhere, and round in circles
    };

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50),
        s_lookClosely = TimeSpan.FromSeconds(1);

    private readonly CommandSpec _command = CommandModel.Command(spec.Model);
    private readonly OptimizerKind _kind = crew.Catalogues.Optimizers.Of(spec.Optimizer);
    private readonly string _output = Path.GetFullPath(OutFolder, Path.GetFullPath(folder)), // the command runs elsewhere
        _printed = Path.Combine(Path.GetFullPath(folder), OutputName);

    /// <param name="timeout">After this it is ended; zero is never.</param>
    /// <param name="progress">Told (step, steps) where it prints steps.</param>
    /// <param name="stop">Ends it in order.</param>
    /// <exception cref="Numerics.InputException">It cannot be started.</exception>
    public CommandAttemptEnd Run(TimeSpan timeout, Action<long, long> progress, CancellationToken stop)
    {
        Directory.CreateDirectory(_output);
        IReadOnlyList<string> computing = GpuPool.Computing(devices);
        CommandTemplate.WriteJson(spec, _kind, _output);
        Mark(_printed, number);
        long before = new FileInfo(_printed).Length,
            began = Stopwatch.GetTimestamp();
        CommandLine line = CommandTemplate.Fill(spec, _kind, _output);
        var watch = new Supervision(_command, crew, timeout, spec.Budget.Steps(spec.Batch, 1), _printed, _output, stop);
        (ProcessExit exit, EndedFor ended, string limit, IReadOnlyList<string> left) = watch.Run(line, Variables(), progress);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        var troubles = new List<string>();
        if (left.Count > 0 && ended == EndedFor.None)
            troubles.Add($"ended and left {string.Join(", ", left)} running; they were ended too");
        if (GpuPool.UntilFree(devices, [.. computing], _command.Gpus < 1) is { Count: > 0 } busy)
            troubles.Add($"ended, and GPU {string.Join(", ", devices)} is still used by process {string.Join(", ", busy)}");
        CommandMetrics metrics = CommandMetrics.Read(_command, crew.Metric, _output, _printed, spec);
        bool silent = metrics.Count == 0 && new FileInfo(_printed).Length == before;
        long steps = spec.Budget.Steps(spec.Batch, 1);
        if (ended == EndedFor.None && exit.Status == 0 && metrics.LastStep is { } last && last < steps / 2)
            troubles.Add(Invariant($"exited with code 0, and the last step that it logged is {last} of {steps}"));
        CommandEnding ending = CommandEnding.Of(
            exit,
            ended,
            limit,
            watch.LastLines,
            metrics.Diverged,
            silent ? "it printed nothing and wrote no metrics" : metrics.Missing,
            _printed,
            IsDiskFull(_output)
        );
        return new(ending, metrics, took, line, troubles, _printed);
    }

    // What a full disk keeps a script from, it also keeps it from saying.
    private static bool IsDiskFull(string folder)
    {
        const long least = 1 << 20;
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace < least;
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            return false;
        }
    }

    private Dictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry one in Environment.GetEnvironmentVariables())
            variables[(string)one.Key] = (string?)one.Value ?? "";
        // What a script prints is read while it runs; Python keeps it back where it prints to no terminal.
        variables.TryAdd("PYTHONUNBUFFERED", "1");
        variables[GpuPool.Variable] = string.Join(',', devices);
        foreach ((string name, string value) in CommandTemplate.Environment(spec, _kind, _output))
            variables[name] = value;
        variables[ProcessGroup.Mark] = _output;
        variables[AttemptVariable] = number.ToString(CultureInfo.InvariantCulture);
        return variables;
    }

    // What attempts print stands in one file, one after the other: a resumed run's earlier values are there.
    private static void Mark(string path, int attempt)
    {
#pragma warning disable RS0030 // Added to, not replaced.
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
#pragma warning restore RS0030
        if (attempt > 1)
            stream.Write(
                System.Text.Encoding.UTF8.GetBytes($"\n--- gaplab begins attempt {attempt.ToString(CultureInfo.InvariantCulture)} ---\n")
            );
    }

    /// <summary>Watches one attempt from its start to the end of its last process.</summary>
    private sealed class Supervision(
        CommandSpec command,
        CommandCrew crew,
        TimeSpan timeout,
        long steps,
        string printed,
        string output,
        CancellationToken stop
    )
    {
        private readonly OutputTail _tail = new(printed);

        public IReadOnlyList<string> LastLines => _tail.LastLines;

        public (ProcessExit Exit, EndedFor Ended, string Limit, IReadOnlyList<string> Left) Run(
            CommandLine line,
            IReadOnlyDictionary<string, string> variables,
            Action<long, long> progress
        )
        {
            _tail.Read();
            _tail.Forget(); // what earlier attempts printed says nothing of this one
            using ProcessGroup group = ProcessGroup.Start(
                line.Words,
                command.Folder,
                variables,
                printed,
                command.StopSignal,
                command.StopGrace
            );
            (EndedFor ended, string limit) = Watch(group, progress);
            IReadOnlyList<string> left = group.End(command.StopSignal, command.StopGrace);
            _tail.Read();
            // A signal to all of a machine may reach the script before the study: what it did then was not its own end.
            if (ended == EndedFor.None && stop.IsCancellationRequested)
                ended = EndedFor.Stop;
            return (group.Poll()!.Value, ended, limit, left);
        }

        private (EndedFor, string) Watch(ProcessGroup group, Action<long, long> progress)
        {
            long began = Stopwatch.GetTimestamp(),
                looked = began,
                alive = began;
            DateTime wrote = DateTime.MinValue;
            while (group.Poll() is null)
            {
                if (stop.IsCancellationRequested)
                    return (EndedFor.Stop, "");
                if (timeout > TimeSpan.Zero && Stopwatch.GetElapsedTime(began) > timeout)
                    return (EndedFor.Time, Text($"it took longer than the {timeout.TotalSeconds:g6} s of limits.time-per-pack"));
                if (Stopwatch.GetElapsedTime(looked) >= s_lookClosely)
                {
                    looked = Stopwatch.GetTimestamp();
                    long before = _tail.Length;
                    _tail.Read();
                    DateTime now = crew.Limits.Silence > 0 ? LastWrite(output) : default;
                    if (_tail.Length != before || now != wrote)
                        alive = looked;
                    wrote = now;
                    if (_tail.Step is { } step && step <= steps)
                        progress(step, steps);
                    if (crew.Limits.Silence > 0 && Stopwatch.GetElapsedTime(alive).TotalSeconds > crew.Limits.Silence)
                        return (
                            EndedFor.Silence,
                            Text(
                                $"it printed nothing and wrote nothing into its folder for the {crew.Limits.Silence:g6} s of limits.silence"
                            )
                        );
                    if (crew.MemoryPerRun > 0 && group.ResidentBytes() is var bytes && bytes > crew.MemoryPerRun)
                        return (
                            EndedFor.Memory,
                            $"its processes have {ByteSize.Format(bytes)} resident, and limits.memory leaves a run "
                                + $"{ByteSize.Format(crew.MemoryPerRun)}"
                        );
                }
                stop.WaitHandle.WaitOne(s_look);
            }
            return (EndedFor.None, "");
        }

        private static string Text(FormattableString text) => Invariant(text);

        private static DateTime LastWrite(string folder)
        {
            try
            {
                return Directory
                    .EnumerateFileSystemEntries(folder, "*", s_everything)
                    .Select(File.GetLastWriteTimeUtc)
                    .DefaultIfEmpty(DateTime.MinValue)
                    .Max();
            }
            catch (IOException)
            {
                return DateTime.MinValue; // a file that has gone meanwhile
            }
        }
    }
}
