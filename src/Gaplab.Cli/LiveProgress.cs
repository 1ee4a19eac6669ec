// A running study on the screen: a live table in a terminal, plain lines elsewhere.
using System.Globalization;
using Gaplab.Learning.Specs;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Running;
using Spectre.Console;

namespace Gaplab.Cli;

/// <summary>Shows runs done, time left, and the best loss so far per optimizer and batch size.</summary>
internal abstract class LiveProgress : IStudyObserver
{
    /// <param name="json">Standard output belongs to the document: words go to standard error.</param>
    /// <param name="metric">The study's own.</param>
    public static LiveProgress Create(bool json, string metric = "validation-loss") =>
        !json && !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true }
            ? new Screen()
            : new Lines(json, metric);

    public abstract void Changed(StudySnapshot snapshot);

    public abstract void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot);

    public virtual void RunEnded(PlannedRun run, RunResult result) { }

    public abstract void Decided(Arm arm, SentinelDecision decision);

    public abstract void Noticed(string text);

    public abstract void Dispose();

    protected static string Duration(TimeSpan? span) =>
        span is not { } s ? "?"
        : s.TotalHours >= 1 ? $"{(int)s.TotalHours}h{s.Minutes:00}m"
        : s.TotalMinutes >= 1 ? $"{(int)s.TotalMinutes}m{s.Seconds:00}s"
        : $"{(int)Math.Ceiling(s.TotalSeconds)}s";

    protected static string Counts(StudySnapshot s) =>
        s.Measuring > 0
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"measuring {s.Measuring} runs, {(s.WorkPlanned > 0 ? 100 * s.WorkDone / s.WorkPlanned : 100):f0} % of their probes, "
                    + $"{Duration(s.Elapsed)} gone, about {Duration(s.Remaining)} left"
            )
            : $"{s.RunsDone} of {s.RunsPlanned} runs{(s.RunsMissing > 0 ? $", {s.RunsMissing} missing" : "")}, {Duration(s.Elapsed)} "
                + $"gone, about {Duration(s.Remaining)} left";

    protected static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    protected static string Describe(PackSpec pack, PackEnd end)
    {
        RunSpec run = pack.Runs[0].Spec;
        return $"{run.Optimizer.Name}, B={run.Batch}: {pack.Runs.Count} runs "
            + $"{end.Kind.Word()}{(end.Cause is { } cause ? ": " + cause : "")}";
    }

    /// <param name="metric">The study's own, which each run is told by.</param>
    private sealed class Lines(bool json, string metric) : LiveProgress
    {
        // Asked for each time: when the terminal is closed, another takes its place.
        private TextWriter Writer => json ? Console.Error : Console.Out;

        private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);
        private TimeSpan _last = -Quiet;

        public override void Changed(StudySnapshot snapshot)
        {
            // The clock begins anew when a study turns from training to measuring.
            if (snapshot.Elapsed >= _last && snapshot.Elapsed - _last < Quiet)
                return;
            _last = snapshot.Elapsed;
            Writer.WriteLine($"           {Counts(snapshot)}");
        }

        public override void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot)
        {
            if (end.IsTrouble)
                Writer.WriteLine("trouble    " + Describe(pack, end));
            Changed(snapshot);
        }

        public override void RunEnded(PlannedRun run, RunResult result)
        {
            RunSpec spec = run.Spec;
            string end =
                result.Outcome == Outcome.Diverged ? string.Create(CultureInfo.InvariantCulture, $"diverged at step {result.Step}")
                : result.Metrics.TryGetValue(metric, out double value) ? $"{metric} {Number(value, "g6")}"
                : "ended";
            Writer.WriteLine(
                $"run        {spec.Optimizer.Name}, B={spec.Batch}, rate {Number(spec.Optimizer.LearningRate, "g6")}, "
                    + $"seed {spec.Seed}: {end}"
            );
        }

        public override void Decided(Arm arm, SentinelDecision decision)
        {
            string rates = string.Join(", ", decision.Rates.Select(r => r.ToString("g6", CultureInfo.InvariantCulture)));
            if (!decision.IsDone && decision.Round > 0)
                Writer.WriteLine($"sentinel   {arm.Key}: tries {rates} (best so far {Number(decision.Best, "g6")})");
            else if (decision.IsDone)
                Writer.WriteLine(
                    $"tuned      {arm.Key}: best rate {Number(decision.Best, "g6")}, {SentinelText.Sentence(decision.Status)}"
                );
        }

        public override void Noticed(string text) => Writer.WriteLine("damaged    " + text);

        public override void Dispose() => Writer.Flush();
    }

    /// <summary>Redraws a block of lines in place, several times a second. The cursor is never hidden: a killed program leaves the terminal
    /// as it was.</summary>
    private sealed class Screen : LiveProgress
    {
        private const string ClearToLineEnd = "\e[K",
            ClearToScreenEnd = "\e[J";
        private readonly Thread _thread;
        private readonly ManualResetEventSlim _end = new();
        private readonly List<string> _notes = [];
        private IReadOnlyList<string> _drawn = [];
        private StudySnapshot? _snapshot;

        public Screen()
        {
            _thread = new Thread(() =>
            {
                while (!_end.Wait(250))
                {
                    try
                    {
                        if (_snapshot is { } s)
                            Draw(Render(s));
                    }
                    catch (IOException)
                    {
                        return; // the terminal was closed; the study ends in order
                    }
                }
            })
            {
                IsBackground = true,
                Name = "screen",
            };
            _thread.Start();
        }

        public override void Changed(StudySnapshot snapshot) => _snapshot = snapshot;

        public override void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot)
        {
            _snapshot = snapshot;
            if (end.IsTrouble)
                lock (_notes)
                    _notes.Add("trouble    " + Describe(pack, end));
        }

        public override void Decided(Arm arm, SentinelDecision decision) { }

        public override void Noticed(string text)
        {
            lock (_notes)
                _notes.Add("damaged    " + text);
        }

        public override void Dispose()
        {
            _end.Set();
            _thread.Join();
            Draw([]);
            lock (_notes)
                foreach (string note in _notes)
                    Console.Out.WriteLine(note);
            if (_snapshot is { } s)
                Console.Out.WriteLine("           " + Counts(s));
            _end.Dispose();
        }

        private void Draw(IReadOnlyList<string> lines)
        {
            int width = Math.Max(20, Console.WindowWidth),
                height = Math.Max(4, Console.WindowHeight);
            // A window that has become narrower has broken the old lines into more rows.
            int rows = Math.Min(height - 1, _drawn.Sum(line => Math.Max(1, (line.Length + width - 1) / width)));
            lines =
            [
                .. lines
                    .Take(height - 2)
                    .Select(TerminalText.Harmless)
                    .Select(line => line.Length < width ? line : line[..(width - 2)] + "…"),
            ];
            TerminalText.Raw.Write(
                (rows > 0 ? $"\e[{rows}F" : "") + string.Concat(lines.Select(line => line + ClearToLineEnd + "\n")) + ClearToScreenEnd
            );
            _drawn = lines;
        }

        private static string Tuned(BestSoFar best) =>
            $"{Number(best.Loss, "f4")} ({Number(best.LearningRate, "g4")}){(best.Status == SentinelStatus.Running ? " …" : "  ")}";

        private List<string> Render(StudySnapshot s)
        {
            double share = s.WorkPlanned > 0 ? s.WorkDone / s.WorkPlanned : 0;
            string bar = new string('━', (int)(40 * share)).PadRight(40, '─');
            var lines = new List<string> { string.Create(CultureInfo.InvariantCulture, $"{bar} {100 * share:f0}%"), Counts(s), "" };
            string[] optimizers = [.. s.Best.Select(b => b.Optimizer).Distinct()];
            lines.Add($"{"batch", 8}" + string.Concat(optimizers.Select(o => $"  {o + " best loss (rate)", 26}")));
            foreach (var row in s.Best.GroupBy(b => b.Batch).OrderBy(g => g.Key))
            {
                lines.Add(
                    string.Create(CultureInfo.InvariantCulture, $"{row.Key, 8}")
                        + string.Concat(
                            optimizers.Select(o =>
                                row.Where(b => b.Optimizer == o && b.Loss is not null).MinBy(b => b.Loss) is { } best
                                    ? $"  {Tuned(best), 26}"
                                    : $"  {"-  ", 26}"
                            )
                        )
                );
            }
            lock (_notes)
                lines.AddRange(_notes.TakeLast(5));
            return lines;
        }
    }
}
