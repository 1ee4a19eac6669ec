// The built program as a real child process, in a process group of its own, so that signals go where a terminal would send them.
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Gaplab.Cli;

namespace Gaplab.Training.Tests.Running;

/// <summary>Tests that interrupt, kill or starve a program, or look at what it writes while it runs, have the machine's cores for
/// themselves; so have those that redirect the console.</summary>
[CollectionDefinition(nameof(StartedProgram), DisableParallelization = true)]
public sealed class StartedProgramCollection;

/// <summary>How a program ended.</summary>
public sealed record ProgramEnd(int ExitCode, string Output, string Errors)
{
    /// <summary>What it says of its work; that it was at work, on a slow machine, is left out.</summary>
    public string[] ErrorLines =>
        [
            .. Errors
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !line.StartsWith(AtWork.Start, StringComparison.Ordinal)),
        ];

    /// <summary>It did what it was asked for.</summary>
    public void AssertSucceeded() => Assert.True(ExitCode == 0, ToString());

    /// <summary>It refused its input by one line.</summary>
    /// <returns>The line.</returns>
    public string AssertRefused()
    {
        Assert.True(ExitCode == 2, ToString());
        return Assert.Single(ErrorLines);
    }

    public override string ToString() => $"exit code {ExitCode}\n--- standard output\n{Output}\n--- standard error\n{Errors}";
}

/// <summary>A started <c>gaplab</c>.</summary>
public sealed partial class StartedProgram : IDisposable
{
    public const int HangUp = 1,
        Interrupt = 2,
        Quit = 3,
        KillSignal = 9,
        Terminate = 15;

    private readonly Process _process;
    private readonly StringBuilder _output = new(),
        _errors = new();

    private StartedProgram(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Add(_output, e.Data);
        process.ErrorDataReceived += (_, e) => Add(_errors, e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>gaplab.dll beside the test assembly.</summary>
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "gaplab.dll");

    public static StartedProgram Start(string folder, params string[] arguments) =>
        Start(folder, new Dictionary<string, string>(), arguments);

    public static StartedProgram Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        // setsid makes the program the leader of a new group and becomes it: the process id is the group's.
        var start = new ProcessStartInfo("setsid", ["dotnet", Path, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return new StartedProgram(process);
    }

    /// <summary>Starts, waits, returns.</summary>
    public static ProgramEnd Run(string folder, params string[] arguments) => Run(folder, new Dictionary<string, string>(), arguments);

    public static ProgramEnd Run(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        using StartedProgram program = Start(folder, environment, arguments);
        return program.Wait();
    }

    public int Id => _process.Id;

    public bool IsAlive => !_process.HasExited;

    /// <summary>What it has written to standard output so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    /// <summary>What it has written to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    public ProgramEnd Wait(double seconds = 900)
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            SignalGroup(KillSignal);
            Assert.Fail($"the program did not end within {seconds} s\n{_output}\n{_errors}");
        }
        _process.WaitForExit();
        return new ProgramEnd(_process.ExitCode, _output.ToString(), _errors.ToString());
    }

    /// <summary>To the program and all of its workers, as a terminal's Ctrl-C.</summary>
    public void SignalGroup(int signal) => _ = Signal(-Id, signal);

    /// <summary>To the program alone.</summary>
    public void SignalAlone(int signal) => _ = Signal(Id, signal);

    /// <summary>Process ids of its living workers.</summary>
    public IReadOnlyList<int> Workers()
    {
        var workers = new List<int>();
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(f => System.IO.Path.GetFileName(f).All(char.IsAsciiDigit)))
        {
            try
            {
                // "pid (name) state parent …": the name may hold spaces, so what follows it is counted from its closing bracket.
                string stat = File.ReadAllText(System.IO.Path.Combine(folder, "stat"));
                string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[1] == Id.ToString(System.Globalization.CultureInfo.InvariantCulture) && fields[0] != "Z")
                    workers.Add(int.Parse(System.IO.Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }
        return workers;
    }

    public static void SignalProcess(int id, int signal) => _ = Signal(id, signal);

    public void Dispose()
    {
        if (IsAlive)
            SignalGroup(KillSignal);
        _process.WaitForExit();
        _process.Dispose();
    }

    private static void Add(StringBuilder text, string? line)
    {
        if (line is not null)
            lock (text)
                text.Append(line).Append('\n');
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
