// Slurm on this machine's loopback: a controller and two nodes, in a folder of the test.
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Gaplab.Training.Tests.Running;

/// <summary>munged, slurmctld and two slurmd, ended with the test. Two partitions: jobs of <c>high</c> preempt those of
/// <c>low</c>.</summary>
internal sealed class SlurmCluster : IDisposable
{
    private readonly List<Process> _daemons = [];

    private SlurmCluster(string folder) => Folder = folder;

    public string Folder { get; }

    /// <summary>What Slurm's programs, and what is to use them, are started with.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["SLURM_CONF"] = Conf };

    private string Conf => Path.Combine(Folder, "slurm.conf");

    /// <param name="folder">Of its own, on a short path: the key's socket lies in it.</param>
    /// <param name="largestArray">MaxArraySize.</param>
    public static SlurmCluster Start(string folder, int largestArray)
    {
        var cluster = new SlurmCluster(folder);
        try
        {
            cluster.Start(largestArray);
            return cluster;
        }
        catch
        {
            cluster.Dispose();
            throw;
        }
    }

    private void Start(int largestArray)
    {
        string host = Say("hostname", "-s").Trim();
        int[] ports = FreePorts(3);
        Directory.CreateDirectory(Path.Combine(Folder, "state"));
        string munge = Path.Combine(Folder, "munge");
        Directory.CreateDirectory(munge);
        string key = Path.Combine(munge, "key");
        File.WriteAllBytes(key, System.Security.Cryptography.RandomNumberGenerator.GetBytes(1024));
        // munged trusts a folder that nobody else can write, with a key that nobody else can read.
        Say("chmod", "755", munge);
        Say("chmod", "400", key);
        File.WriteAllText(
            Conf,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                ClusterName=gaplab
                SlurmctldHost={host}(127.0.0.1)
                SlurmUser=root
                SlurmdUser=root
                AuthType=auth/munge
                AuthInfo=socket={munge}/socket
                SlurmctldPort={ports[0]}
                StateSaveLocation={Folder}/state
                SlurmdSpoolDir={Folder}/spool-%n
                SlurmctldPidFile={Folder}/slurmctld.pid
                SlurmdPidFile={Folder}/slurmd-%n.pid
                SlurmctldLogFile={Folder}/slurmctld.log
                SlurmdLogFile={Folder}/slurmd-%n.log
                ProctrackType=proctrack/linuxproc
                TaskPlugin=task/none
                JobAcctGatherType=jobacct_gather/none
                AccountingStorageType=accounting_storage/none
                SwitchType=switch/none
                MpiDefault=none
                SelectType=select/cons_tres
                SelectTypeParameters=CR_Core
                SchedulerType=sched/backfill
                ReturnToService=2
                KillWait=5
                MaxArraySize={largestArray}
                PreemptType=preempt/partition_prio
                PreemptMode=REQUEUE
                NodeName=n[1-2] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{ports[1]},{ports[2]}] CPUs=2 RealMemory=1000
                PartitionName=low Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP PriorityTier=1
                PartitionName=high Nodes=n[1-2] MaxTime=INFINITE State=UP PriorityTier=10

                """
            )
        );
        string socket = Path.Combine(munge, "socket");
        Daemon(
            "munged",
            "--foreground",
            "--force",
            "--key-file",
            key,
            "--socket",
            socket,
            "--pid-file",
            Path.Combine(munge, "pid"),
            "--log-file",
            Path.Combine(munge, "log"),
            "--seed-file",
            Path.Combine(munge, "seed")
        );
        WaitFor(() => File.Exists(socket), "munged");
        Daemon("slurmctld", "-D", "-f", Conf);
        Daemon("slurmd", "-D", "-N", "n1", "-f", Conf);
        Daemon("slurmd", "-D", "-N", "n2", "-f", Conf);
        WaitFor(() => Try("sinfo", "--noheader", "--partition=low", "--format=%T %D").Output.Trim() == "idle 2", "two idle nodes");
    }

    /// <summary>What one of Slurm's programs printed.</summary>
    public string Say(string program, params string[] arguments)
    {
        ProgramEnd end = Try(program, arguments);
        end.AssertSucceeded();
        return end.Output;
    }

    private ProgramEnd Try(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = Conf;
        start.WorkingDirectory = Folder;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(),
            errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        return new ProgramEnd(process.ExitCode, output.Result, errors.Result);
    }

    private void Daemon(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["SLURM_CONF"] = Conf;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _daemons.Add(process);
    }

    private void WaitFor(Func<bool> condition, string what)
    {
        var patience = Stopwatch.StartNew();
        while (!condition())
        {
            if (patience.Elapsed > TimeSpan.FromSeconds(60))
            {
                string[] logs = [.. Directory.GetFiles(Folder, "*.log").Select(f => $"{f}:\n{File.ReadAllText(f)}")];
                Assert.Fail($"{what} did not come within 60 s\n{string.Join('\n', logs)}");
            }
            Thread.Sleep(200);
        }
    }

    /// <summary>Kills a training process, the worker that started it and its batch script, as a node takes all of them with it.</summary>
    /// <param name="sign">The sign of life of the process in its store.</param>
    /// <returns>Whether it was alive.</returns>
    public static bool KillTask(string sign)
    {
        var line = new List<int>();
        try
        {
            int process = int.Parse(Path.GetFileName(sign).Split('-')[1], CultureInfo.InvariantCulture);
            // Nothing but these: the number may be another's by now.
            while (
                File.ReadAllText($"/proc/{process}/cmdline") is var command
                && (command.Contains("gaplab.dll") || command.Contains("slurm_script"))
            )
            {
                line.Add(process);
                process = int.Parse(File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ')[1], CultureInfo.InvariantCulture);
            }
        }
        catch (IOException) { } // it has ended meanwhile
        foreach (int process in Enumerable.Reverse(line))
            StartedProgram.SignalProcess(process, StartedProgram.KillSignal);
        return line.Count > 0;
    }

    private static int[] FreePorts(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(System.Net.IPAddress.Loopback, 0))];
        foreach (TcpListener listener in listeners)
            listener.Start();
        int[] ports = [.. listeners.Select(l => ((System.Net.IPEndPoint)l.LocalEndpoint).Port)];
        foreach (TcpListener listener in listeners)
            listener.Stop();
        return ports;
    }

    public void Dispose()
    {
        // The nodes before their controller, and what proves their identity last.
        foreach (Process daemon in Enumerable.Reverse(_daemons))
        {
            if (!daemon.HasExited)
                StartedProgram.SignalProcess(daemon.Id, StartedProgram.Terminate);
            if (!daemon.WaitForExit(10_000))
                daemon.Kill();
            daemon.Dispose();
        }
    }
}
