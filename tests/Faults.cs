// The faults that tests cause, each with the class that causes it, and what they cost: the table of docs/reliability.md.
using System.Globalization;

namespace Gaplab.Tests;

/// <summary>Something that befalls a study or its store.</summary>
/// <param name="Name">As the table has it.</param>
/// <param name="HeldBy">The class of tests that causes it.</param>
public sealed record Fault(string Name, string HeldBy)
{
    private static readonly Lock s_gate = new();
    private static readonly Dictionary<Fault, FaultCost> s_costs = [];

    /// <summary>Counts that it was caused, and what came of it; keeps the sum where ./test prints the table from.</summary>
    public void Caused(int times, int lost = 0, int repeated = 0, int wrong = 0)
    {
        lock (s_gate)
        {
            // The two projects of tests are two processes, one after the other.
            string file = Path.Combine(Folder, $"{Faults.All.IndexOf(this):00}.md");
            if (!s_costs.ContainsKey(this))
                s_costs[this] = File.Exists(file) ? CostIn(File.ReadAllText(file)) : new(0, 0, 0, 0);
            FaultCost sum = s_costs[this] = s_costs[this].Plus(new(times, lost, repeated, wrong));
            Directory.CreateDirectory(Folder);
            File.WriteAllText(file, Row(sum) + "\n");
        }
    }

    /// <summary>A line of the table.</summary>
    public string Row(FaultCost cost) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"| {Name} | `{HeldBy}` | {cost.Times} | {cost.Lost} | {cost.Repeated} | {cost.Wrong} |"
        );

    private static FaultCost CostIn(string row)
    {
        int[] counts = [.. row.TrimEnd('\n', '|', ' ').Split('|')[^4..].Select(c => int.Parse(c, CultureInfo.InvariantCulture))];
        return new(counts[0], counts[1], counts[2], counts[3]);
    }

    /// <summary>Where the rows of the last run lie.</summary>
    public static string Folder => Repository.At("artifacts/test-results/faults");
}

/// <param name="Times">How often the fault was caused.</param>
/// <param name="Lost">Finished runs that were there before and not after, and runs that the study ended without.</param>
/// <param name="Repeated">Finished runs that were made again.</param>
/// <param name="Wrong">Numbers that were not those of an undisturbed study and that nobody named.</param>
public sealed record FaultCost(int Times, int Lost, int Repeated, int Wrong)
{
    public FaultCost Plus(FaultCost other) => new(Times + other.Times, Lost + other.Lost, Repeated + other.Repeated, Wrong + other.Wrong);
}

/// <summary>The faults, in the order of the table.</summary>
public static class Faults
{
    public static Fault Killed { get; } = new("SIGKILL at random: a study, with its workers or without", "KillSpecs");
    public static Fault WorkerKilled { get; } = new("SIGKILL of one training process while it trains", "WorkerSpecs");
    public static Fault CommandKilled { get; } = new("SIGKILL at random: a study of a script", "CommandKillSpecs");
    public static Fault SharedKilled { get; } =
        new("SIGKILL at random: one of several workers on a store, without file locks, clocks an hour off", "ManyWorkersSpecs");
    public static Fault SlurmKilled { get; } = new("SIGKILL at random on Slurm: a worker with its batch script", "SlurmKillSpecs");
    public static Fault SlurmPreempted { get; } = new("preemption on Slurm: what runs on a node is queued again", "SlurmSpecs");
    public static Fault AskedToEnd { get; } = new("a signal that asks to end, a closed terminal (HUP) among them", "InterruptSpecs");
    public static Fault WorkerStopped { get; } = new("a worker stopped for longer than its lease, which comes back", "ManyWorkersSpecs");
    public static Fault StoppedOften { get; } =
        new("training processes stopped for seconds at random, with a lease of two seconds", "StoppedWorkerSpecs");
    public static Fault SharedByTwo { get; } = new("two studies at once on one store, with other packs too", "InterruptSpecs");
    public static Fault ClockJumps { get; } = new("a clock that jumps by a day, forth and back, while a study runs", "ClockSpecs");
    public static Fault DiskFull { get; } = new("a disk that fills up and is freed", "FullDiskSpecs");
    public static Fault ReadOnly { get; } = new("a store that becomes read-only while its study runs", "ReadOnlyStoreSpecs");
    public static Fault NoRights { get; } = new("no right to read, or to write, one folder of a store", "NoRightsSpecs");
    public static Fault FewHandles { get; } = new("few open files (`ulimit -n`)", "CliLimitsSpecs");
    public static Fault LittleMemory { get; } = new("little memory (`ulimit -v`)", "CliLimitsSpecs");
    public static Fault DamagedStore { get; } = new("a flipped, zeroed or cut byte in any file of a finished store", "DamagedStoreSpecs");
    public static Fault DamagedOther { get; } =
        new("a flipped, zeroed or cut byte in any other file of a store: checkpoints, probes, attempts, claims …", "DamagedFileSpecs");
    public static Fault DamagedInSilence { get; } =
        new("a flipped byte that leaves length and time of its file as they were", "DamagedFileSpecs");
    public static Fault Exchanged { get; } = new("files of two runs exchanged, or one run copied over another", "DamagedStoreSpecs");
    public static Fault Misplaced { get; } =
        new("a copy of a run where none belongs, a link in a circle, a folder in the place of a file", "DamagedStoreSpecs");
    public static Fault DamagedUnfinished { get; } = new("a damaged file of a run that goes on", "DamagedStoreSpecs");
    public static Fault TornMetrics { get; } = new("a line of metrics torn at any of its bytes", "RunFolderSpecs");
    public static Fault CutAtFinish { get; } = new("a pack cut off between any two steps of its publication", "RunFolderSpecs");
    public static Fault FolderDeleted { get; } = new("a run's folder, or the whole store, deleted while it trains", "VanishedFolderSpecs");
    public static Fault PlanEdited { get; } = new("plan or study file of a store edited while its study runs", "EditedPlanSpecs");
    public static Fault LibtorchGone { get; } = new("libtorch missing, or without what the program calls", "LibtorchSpecs");
    public static Fault LibtorchSwapped { get; } = new("another libtorch between two calls of a study", "LibtorchSpecs");
    public static Fault GivenUp { get; } = new("workers that die whenever they come to one pack", "WorkerSpecs");
    public static Fault MadeTwice { get; } = new("a run made twice with different results", "ManyWorkersSpecs");
    public static Fault Submitted { get; } = new("a study submitted to Slurm twice", "SlurmSpecs");
    public static Fault SpecialFile { get; } = new("a pipe or an endless device in the place of any file", "TaskFileSpecs");
    public static Fault HostileBytes { get; } = new("changed bytes in any file that Gaplab reads", "MutatedInputs");

    public static Fault DeepNesting { get; } = new("YAML that is nested 100,000 deep, or a megabyte of one sign", "StudyBoundsSpecs");
    public static Fault VastRequest { get; } =
        new("a study of more combinations, runs or learning rates than can be made; names and numbers of a megabyte", "StudyBoundsSpecs");
    public static Fault HostileServer { get; } =
        new("a server that never ends, sends what was not asked for, or leads elsewhere", "DownloadSpecs");
    public static Fault HostileArchive { get; } =
        new("an archive that unpacks without end, or over files of the folder's own", "ArchiveSpecs");
    public static Fault Overwriting { get; } =
        new("an output named like a file, folder, pipe or device that is there, in any command", "OutputOptionSpecs");
    public static Fault ControlCharacters { get; } = new("control characters in a table, a name or an argument", "TerminalTextSpecs");

    public static IReadOnlyList<Fault> All { get; } =
    [
        Killed,
        WorkerKilled,
        CommandKilled,
        SharedKilled,
        SlurmKilled,
        SlurmPreempted,
        Submitted,
        AskedToEnd,
        WorkerStopped,
        StoppedOften,
        SharedByTwo,
        GivenUp,
        MadeTwice,
        ClockJumps,
        DiskFull,
        ReadOnly,
        NoRights,
        FewHandles,
        LittleMemory,
        DamagedStore,
        DamagedOther,
        DamagedInSilence,
        Exchanged,
        Misplaced,
        DamagedUnfinished,
        TornMetrics,
        CutAtFinish,
        FolderDeleted,
        PlanEdited,
        LibtorchGone,
        LibtorchSwapped,
        SpecialFile,
        HostileBytes,
        DeepNesting,
        VastRequest,
        HostileServer,
        HostileArchive,
        Overwriting,
        ControlCharacters,
    ];

    internal static int IndexOf(this IReadOnlyList<Fault> faults, Fault fault) => faults.ToList().IndexOf(fault);
}
