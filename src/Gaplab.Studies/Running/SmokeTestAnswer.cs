// The answers of gaplab study plan --try and --try-resume: what a study's command does before the study trusts it.
using System.Globalization;
using System.Text.Json.Nodes;
using Gaplab.Numerics;
using Gaplab.Results.Answers;
using Gaplab.Studies.Commands;

namespace Gaplab.Studies.Running;

/// <summary>Of small runs: is it repeated by its seed, and is every knob live?</summary>
public sealed record SmokeTestAnswer : ISmokeTestAnswer
{
    // What the order of sums in parallel comes to, and more.
    private const double MostNoise = 0.01;

    private readonly PreparedStudy _study;
    private readonly SmokeRun _base;
    private readonly double _noise;
    private readonly IReadOnlyList<KnobTest> _knobs;
    private readonly SmokeTime _time;
    private readonly int _runs;
    private readonly IReadOnlyDictionary<string, string> _lines;

    internal SmokeTestAnswer(PreparedStudy study, SmokeRun first, double noise, IReadOnlyList<KnobTest> knobs, SmokeTime time, int runs)
    {
        (_study, _base, _noise, _knobs, _time, _runs) = (study, first, noise, knobs, time, runs);
        // Read now: what small runs printed is not kept.
        _lines = first
            .End.Metrics.Final.Keys.Select(name =>
                (name, Line: first.End.Printed is { } printed ? first.End.Metrics.LineOf(name, printed) : null)
            )
            .Where(l => l.Line is not null)
            .ToDictionary(l => l.name, l => l.Line!);
    }

    /// <summary>Whether the study can be trusted to the command: its seed repeats it closely and every knob is live.</summary>
    public bool IsGood => _noise <= MostNoise && _knobs.All(k => k.Live == true);

    public IEnumerable<string> Lines()
    {
        StudySpec spec = _study.Plan.Study;
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"tried      {_runs} runs; the base run has {_base.Spec.Budget.Amount} {_base.Spec.Budget.Unit}, "
                + $"about {SmokeTest.Share:p0} of the budget"
        );
        yield return $"command    {_base.End.Line}";
        foreach (
            (string name, double value) in _base
                .End.Metrics.Final.OrderBy(m => m.Key != spec.Metric)
                .ThenBy(m => m.Key, StringComparer.Ordinal)
        )
        {
            string from = _base.End.Metrics.Sources.GetValueOrDefault(name) is { } source ? $", read from {source}" : "",
                line = _lines.TryGetValue(name, out string? said) ? $": \"{Shown.Of(said, 100)}\"" : "",
                tuned = name == spec.Metric ? "; it is tuned and compared" : "";
            yield return string.Create(CultureInfo.InvariantCulture, $"metric     {name} = {value:g6}{from}{line}{tuned}");
        }
        yield return _noise == 0
            ? "repeat     equal seeds agree bit for bit"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"repeat     equal seeds agree to {_noise:g2} of the "
                    + $"value{(_noise > MostNoise ? ": the script does not do what its seed says" : "")}"
            );
        foreach (KnobTest knob in _knobs)
            yield return $"knob       {knob.Knob}: {knob.What}: "
                + (
                    knob.Live switch
                    {
                        true => string.Create(CultureInfo.InvariantCulture, $"live, {spec.Metric} = {knob.Value:g6}"),
                        false when knob.Knob == CommandTemplate.Seed => "DEAD: the script ignores its seed, so seeds are no repetitions",
                        false => "DEAD: the metrics are those of the base run; the script does not take it",
                        null => $"its run failed: {knob.Cause}",
                    }
                );
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"time       {_time.Start:0.0} s around a run's steps, {_time.PerStep:g3} s a step; all runs of the first "
                + $"round about {Words(_time.Total)}, "
                + $"one at a time"
        );
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = _study.Plan.Study.Name,
            ["command"] = _base.End.Line.ToString(),
            ["metrics"] = new JsonObject(_base.End.Metrics.Final.Select(m => KeyValuePair.Create(m.Key, AnswerJson.Number(m.Value)))),
            ["sources"] = new JsonObject(
                _base.End.Metrics.Sources.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Key, JsonValue.Create(m.Value)))
            ),
            ["lines"] = new JsonObject(_lines.Select(l => KeyValuePair.Create<string, JsonNode?>(l.Key, JsonValue.Create(l.Value)))),
            ["repeatDifference"] = AnswerJson.Number(_noise),
            ["knobs"] = AnswerJson.Each(
                _knobs,
                k => new JsonObject
                {
                    ["knob"] = k.Knob,
                    ["what"] = k.What,
                    ["live"] = k.Live,
                    ["value"] = AnswerJson.Number(k.Value),
                    ["cause"] = k.Cause,
                }
            ),
            ["good"] = IsGood,
            ["secondsStart"] = _time.Start,
            ["secondsPerStep"] = _time.PerStep,
            ["secondsInAll"] = _time.Total,
        };

    internal static string Words(double seconds) =>
        seconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, seconds):0} s")
        : seconds < 7200 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60:0} min")
        : seconds < 172_800 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:0} h")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds / 86_400:0} days");
}

/// <summary>Of a run that is interrupted half-way: does it go on?</summary>
public sealed record ResumeTestAnswer : ISmokeTestAnswer
{
    private readonly PreparedStudy _study;
    private readonly SmokeRun _whole,
        _resumed;
    private readonly TimeSpan _interruptedAfter;
    private readonly bool _beganAnew;

    internal ResumeTestAnswer(PreparedStudy study, SmokeRun whole, TimeSpan interruptedAfter, SmokeRun resumed, bool beganAnew) =>
        (_study, _whole, _interruptedAfter, _resumed, _beganAnew) = (study, whole, interruptedAfter, resumed, beganAnew);

    private string Metric => _study.Plan.Study.Metric;

    private double Whole => _whole.End.Metrics.Final.GetValueOrDefault(Metric, double.NaN);

    private double Resumed => _resumed.End.Metrics.Final.GetValueOrDefault(Metric, double.NaN);

    /// <summary>Whether it went on, and both end with the same number.</summary>
    public bool IsGood => !_beganAnew && Math.Abs(Whole - Resumed) <= 1e-3 * Math.Abs(Whole);

    public IEnumerable<string> Lines()
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"whole      {_whole.End.Took.TotalSeconds:0.0} s, {Metric} = {Whole:g8}");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"resumed    after {_interruptedAfter.TotalSeconds:0.0} s by "
                + $"{_study.Plan.Comparisons[0].Study.Model.Command!.StopSignal}, run again for "
                + $"{_resumed.End.Took.TotalSeconds:0.0} s, {Metric} = {Resumed:g8}"
        );
        yield return Whole.Equals(Resumed) ? "resume     the two agree bit for bit"
        : IsGood ? "resume     the two agree to a thousandth"
        : "resume     the two DISAGREE: the script begins anew with other data or loses its state; a killed run is another run";
        if (_beganAnew)
            yield return "           the second part is a whole run again: the script begins from the start";
    }

    public JsonNode Json() =>
        new JsonObject
        {
            ["study"] = _study.Plan.Study.Name,
            ["metric"] = Metric,
            ["uninterrupted"] = AnswerJson.Number(Whole),
            ["resumed"] = AnswerJson.Number(Resumed),
            ["beganAnew"] = _beganAnew,
            ["good"] = IsGood,
            ["secondsUninterrupted"] = _whole.End.Took.TotalSeconds,
            ["secondsAgain"] = _resumed.End.Took.TotalSeconds,
        };
}
