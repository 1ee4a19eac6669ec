// A command that has said nothing for two seconds says what it is doing, once, and that it goes on, every half minute.
using System.Diagnostics;
using System.Globalization;

namespace Gaplab.Cli;

/// <summary>Watches for silence while a command runs; what is said goes to standard error.</summary>
internal sealed class AtWork : IDisposable
{
    /// <summary>How its lines begin.</summary>
    public const string Start = "gaplab: at work: ";

    private static Stage? s_stage;
    private readonly TimeSpan _first,
        _next;
    private readonly Timer _timer;

    /// <param name="doing">What the command does until it names a stage of its own.</param>
    /// <param name="silence">How long a stage may be silent before it is told; it is told again after fifteen times that.</param>
    public AtWork(string doing, TimeSpan? silence = null)
    {
        _first = silence ?? TimeSpan.FromSeconds(2);
        _next = 15 * _first;
        On(doing);
        _timer = new Timer(_ => Look(), null, _first, _first / 4);
    }

    /// <summary>Names what begins now, in the words of "at work: …".</summary>
    public static void On(string doing) => Volatile.Write(ref s_stage, new Stage(doing, Stopwatch.GetTimestamp()));

    public void Dispose()
    {
        using var ended = new ManualResetEvent(false);
        if (_timer.Dispose(ended))
            ended.WaitOne();
        Volatile.Write(ref s_stage, null);
    }

    private void Look()
    {
        // A stage that has written lines of its own needs none of ours.
        if (
            Volatile.Read(ref s_stage) is not { } stage
            || (stage.Told == 0 && TerminalText.Written >= stage.Began)
            || (stage.Told > 0 && TerminalText.Written > stage.Told)
        )
            return;
        if (Stopwatch.GetElapsedTime(stage.Told == 0 ? stage.Began : stage.Told) < (stage.Told == 0 ? _first : _next))
            return;
        Console.Error.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Start}{stage.Doing}{(stage.Told == 0 ? "" : $", {Stopwatch.GetElapsedTime(stage.Began).TotalSeconds:0} s")}"
            )
        );
        stage.Told = Stopwatch.GetTimestamp();
    }

    private sealed class Stage(string doing, long began)
    {
        public string Doing { get; } = doing;

        public long Began { get; } = began;

        /// <summary>When it was last told; 0 before.</summary>
        public long Told { get; set; }
    }
}
