// The page of a study is written anew after each round, so that who opens it while the study runs sees the answer so far.
using System.Diagnostics;
using Gaplab.Learning.Specs;
using Gaplab.Results.Analysis;
using Gaplab.Results.Report;
using Gaplab.Results.Store;
using Gaplab.Studies.Planning;
using Gaplab.Studies.Reading;
using Gaplab.Studies.Reporting;
using Gaplab.Studies.Running;

namespace Gaplab.Cli;

/// <summary>Passes on what a study tells, and has the page written by a thread of its own when the sentinel has decided something. A page
/// that cannot be written now is written at the end, where what is wrong is told.</summary>
internal sealed class PageWhileRunning : IStudyObserver
{
    // Of the machine's time the page takes this share at most.
    private const double Share = 0.02;

    private readonly IStudyObserver _inner;
    private readonly RunStore _store;
    private readonly PlanDocument _document;
    private readonly Func<StudyReport, AnalysisOptions> _options;
    private readonly AutoResetEvent _news = new(false);
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _writer;

    /// <param name="inner">Who else is told.</param>
    /// <param name="options">Of the analysis.</param>
    public PageWhileRunning(IStudyObserver inner, RunStore store, PlanDocument document, Func<StudyReport, AnalysisOptions> options)
    {
        (_inner, _store, _document, _options) = (inner, store, document, options);
        _writer = new Thread(Write) { IsBackground = true, Name = "page" };
        _writer.Start();
    }

    public void Changed(StudySnapshot snapshot) => _inner.Changed(snapshot);

    public void PackEnded(PackSpec pack, PackEnd end, StudySnapshot snapshot) => _inner.PackEnded(pack, end, snapshot);

    public void RunEnded(PlannedRun run, RunResult result) => _inner.RunEnded(run, result);

    public void Decided(Arm arm, SentinelDecision decision)
    {
        _inner.Decided(arm, decision);
        if (decision.IsDone || decision.Round > 0)
            _news.Set();
    }

    public void Noticed(string text) => _inner.Noticed(text);

    public void Dispose()
    {
        _end.Cancel();
        _news.Set();
        _writer.Join();
        _inner.Dispose();
        _news.Dispose();
        _end.Dispose();
    }

    private void Write()
    {
        while (true)
        {
            _news.WaitOne();
            if (_end.IsCancellationRequested)
                return;
            long began = Stopwatch.GetTimestamp();
            try
            {
                var report = new StudyReport(_document, _store);
                Report page = new StudyAnswer(report, report.Analyse(_options(report)), _store.Root).Page() with
                {
                    Generator = $"Gaplab {RunEnvironment.Version}",
                };
                if (_end.IsCancellationRequested)
                    return;
                ReportWriter.WriteInStore(Path.Combine(_store.Root, StudyAnswer.Kind.File), page, ReportBundle.Load());
            }
            catch (Exception)
            {
                // No page is worth a study.
            }
            if (_end.Token.WaitHandle.WaitOne(Stopwatch.GetElapsedTime(began) / Share))
                return;
        }
    }
}
