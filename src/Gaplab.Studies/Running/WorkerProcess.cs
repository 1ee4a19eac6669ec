// The study's end of a worker: starts the process, hands it packs, and notices its death.
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Gaplab.Numerics;

namespace Gaplab.Studies.Running;

/// <summary>The command line that starts a worker.</summary>
/// <param name="FileName">The program.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record WorkerCommand(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>This very program's "train-packs" command.</summary>
    public static WorkerCommand Self()
    {
        string host = Environment.ProcessPath ?? throw new InvalidOperationException("the path of this program is unknown");
        string main = Environment.GetCommandLineArgs()[0];
        bool viaDotnet = Path.GetFileNameWithoutExtension(host).Equals("dotnet", StringComparison.Ordinal);
        return new WorkerCommand(host, viaDotnet ? [main, "train-packs"] : ["train-packs"]);
    }
}

/// <summary>One child process and its two pipes. One thread at a time gives it work.</summary>
internal sealed class WorkerProcess : IPackTrainer
{
    private const int LastWords = 20;

    private readonly Process _process;
    private readonly Queue<string> _errors = new();
    private readonly Lock _gate = new();

    public WorkerProcess(WorkerCommand command)
    {
        var start = new ProcessStartInfo(command.FileName)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in command.Arguments)
            start.ArgumentList.Add(argument);
        WorkerEnvironment.Apply(start.Environment);
        try
        {
            _process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InputException($"a worker cannot be started with {command.FileName}: {e.Message}", e);
        }
        _process.ErrorDataReceived += (_, e) => Remember(e.Data);
        _process.BeginErrorReadLine();
    }

    public bool IsAlive => !_process.HasExited;

    public int Id => _process.Id;

    /// <summary>Trains a pack; returns when it ended, one way or another.</summary>
    /// <param name="order">The pack.</param>
    /// <param name="timeout">After this the worker is killed; zero is never.</param>
    /// <param name="progress">Told (step, steps).</param>
    /// <param name="notice">Told what the worker found that the user should know.</param>
    public PackEnd Train(WorkerOrder order, TimeSpan timeout, Action<long, long> progress, Action<string>? notice = null)
    {
        bool timedOut = false;
        using var timer =
            timeout > TimeSpan.Zero
                ? new Timer(
                    _ =>
                    {
                        timedOut = true;
                        Kill();
                    },
                    null,
                    timeout,
                    Timeout.InfiniteTimeSpan
                )
                : null;
        try
        {
            Send(WorkerProtocol.Line(order));
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                WorkerReport report = WorkerProtocol.ReadReport(line);
                if (report.Progress is [var step, var steps])
                    progress(step, steps);
                else if (report.Notice is { } noticed)
                    notice?.Invoke(noticed);
                else if (report.Done is { } done)
                    return new PackEnd(PackEndWords.Parse(done));
                else if (report.Failed is { } failed)
                    return new PackEnd(PackEndWords.Parse(failed), report.Cause);
            }
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            // A pipe that breaks or a line cut short says the same as its end: the worker died.
        }
        Kill();
        _process.WaitForExit();
        return timedOut
            ? new PackEnd(
                PackEndKind.TimedOut,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the pack took longer than the {timeout.TotalSeconds:g6} s of limits.time-per-pack"
                )
            )
            : new PackEnd(PackEndKind.Killed, Death());
    }

    /// <summary>Asks for a checkpoint and the end. The pack at hand ends as stopped.</summary>
    public void Stop()
    {
        try
        {
            Send(WorkerProtocol.Stop);
        }
        catch (IOException)
        {
            // It has died already.
        }
    }

    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        if (IsAlive)
        {
            Stop();
            if (!_process.WaitForExit(2000))
                Kill();
        }
        _process.Dispose();
    }

    private void Send(string line)
    {
        lock (_gate)
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
    }

    private void Remember(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_errors)
        {
            if (_errors.Count == LastWords)
                _errors.Dequeue();
            _errors.Enqueue(line.Trim());
        }
    }

    private string Death()
    {
        int code = _process.ExitCode;
        string how =
            code > 128
                ? $"was killed by signal {code - 128}{(code == 137 ? " (by hand, or by the kernel for lack of memory)" : "")}"
                : $"ended with exit code {code}";
        lock (_errors)
        {
            return _errors.Count == 0 ? $"the worker {how}" : $"the worker {how}; its last words: {_errors.First()}";
        }
    }
}
