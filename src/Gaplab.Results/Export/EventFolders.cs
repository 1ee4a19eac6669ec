// Writes runs for TensorBoard: a folder a run, with an event file of its scalars and its hyper-parameters.
using System.Globalization;
using System.Text;
using Gaplab.Results.Analysis;
using Gaplab.Results.Store;
using Gaplab.Results.Wire;

namespace Gaplab.Results.Export;

/// <summary>Event files of runs, as TensorBoard's pages of scalars and of hyper-parameters read them.</summary>
/// <remarks>tensorflow/core/util/event.proto and framework/summary.proto, tensor.proto; tensorboard/plugins/hparams/plugin_data.proto and
/// api.proto: the messages and the numbers of their fields.</remarks>
public static class EventFolders
{
    private const string Experiment = "_hparams_/experiment",
        SessionStart = "_hparams_/session_start_info",
        SessionEnd = "_hparams_/session_end_info",
        Plugin = "hparams";

    private const ulong Success = 1,
        Failure = 2;

    /// <summary>Writes a folder for every run that has a history or a result.</summary>
    /// <param name="folder">Is there; what it holds is left.</param>
    /// <param name="study">The name of the experiment.</param>
    /// <param name="metric">The study's own: a run that diverged ends with NaN under its name.</param>
    /// <param name="rows">The runs; one without <see cref="SweepRow.Provenance"/> is left out.</param>
    /// <param name="history">The measurements of a run by its id.</param>
    /// <returns>How many folders were written.</returns>
    public static int Write(
        string folder,
        string study,
        string metric,
        IReadOnlyList<ExportRow> rows,
        Func<string, IEnumerable<MetricRow>> history
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(history);
        var settings = new HyperParameterColumns(rows);
        ProtobufWriter experiment = settings.Experiment(study, metric);
        int written = 0;
        foreach (ExportRow row in rows)
        {
            if (row.Row.Provenance is not { } id)
                continue;
            using IEnumerator<MetricRow> measured = history(id).GetEnumerator();
            bool any = measured.MoveNext();
            if (!any && row.Steps is null)
                continue;
            DateTimeOffset ended = row.Ended ?? DateTimeOffset.UnixEpoch,
                began = ended - row.Took;
            string at = Path.Combine(folder, Name(row, id));
            Directory.CreateDirectory(at);
            string name = string.Create(CultureInfo.InvariantCulture, $"events.out.tfevents.{began.ToUnixTimeSeconds():D10}.gaplab");
            using var stream = new BufferedStream(File.Create(Path.Combine(at, name)), 1 << 16);
            var file = new EventFile(stream);
            file.Version(began);
            file.HyperParameters(began, Experiment, 2, experiment);
            file.HyperParameters(began, SessionStart, 3, settings.SessionStart(row, began));
            var last = new Dictionary<string, double>(StringComparer.Ordinal);
            long step = row.Steps ?? 0;
            for (; any; any = measured.MoveNext())
            {
                MetricRow value = measured.Current;
                last[value.Name] = value.Value;
                if (row.Steps is null)
                    step = value.Step;
                file.Scalar(ended, value.Step, value.Name, value.Value);
            }
            foreach ((string tag, double value) in Finals(row, metric).OrderBy(f => f.Key, StringComparer.Ordinal))
                if (!last.TryGetValue(tag, out double logged) || !logged.Equals(value))
                    file.Scalar(ended, step, tag, value);
            if (row.Outcome is { } outcome)
                file.HyperParameters(
                    ended,
                    SessionEnd,
                    4,
                    new ProtobufWriter()
                        // A run that diverged ran as it was told to, and its value says so.
                        .Varint(1, outcome is Outcome.Completed or Outcome.Diverged ? Success : Failure)
                        .Double(2, Seconds(ended))
                );
            written++;
        }
        return written;
    }

    private static IEnumerable<KeyValuePair<string, double>> Finals(ExportRow row, string metric) =>
        row.Outcome == Outcome.Diverged ? row.Metrics.Where(m => m.Key != metric).Append(new(metric, double.NaN)) : row.Metrics;

    /// <summary>"adam-B64-lr0.003-seed2-1cc0baff5fc71549": what a filter on names needs; no "=", by which names of folders say
    /// settings.</summary>
    private static string Name(ExportRow row, string id)
    {
        SweepRow r = row.Row;
        var name = new StringBuilder();
        foreach (
            string part in (string[])
                [
                    .. r.Comparison.Pairs.Select(p => p.Value),
                    r.Optimizer,
                    string.Create(CultureInfo.InvariantCulture, $"B{r.Batch}"),
                    r.LearningRate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"lr{rate}") : "",
                    r.Seed is { } seed ? $"seed{seed}" : "",
                ]
        )
            if (part.Length > 0)
                name.Append(part.Length > 40 ? part[..40] : part).Append('-');
        for (int i = 0; i < name.Length; i++)
            if (!char.IsAsciiLetterOrDigit(name[i]) && name[i] is not ('.' or '_' or '-' or '+'))
                name[i] = '_';
        return name.ToString().TrimStart('.') is var start && start.Length > 180 ? start[..180] + id : start + id;
    }

    private static double Seconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;

    /// <summary>The settings that all runs have, each a number, a truth value or a text in every one.</summary>
    private sealed class HyperParameterColumns
    {
        private const int Text = 1,
            Truth = 2,
            Number = 3;

        /// <summary>Values of a text that a page offers to choose from.</summary>
        private const int MostChoices = 100;

        private readonly (string Name, int Type, string[] Values)[] _columns;
        private readonly string[] _metrics;

        public HyperParameterColumns(IReadOnlyList<ExportRow> rows)
        {
            var values = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            foreach (ExportRow row in rows)
            foreach ((string name, string value) in Of(row))
            {
                if (!values.TryGetValue(name, out List<string>? list))
                    values.Add(name, list = []);
                list.Add(value);
            }
            _columns =
            [
                .. values.Select(v =>
                    (
                        v.Key,
                        v.Value.All(t => Cell.Number(t) is { } n && double.IsFinite(n)) ? Number
                        : v.Value.All(t => t is "true" or "false") ? Truth
                        : Text,
                        v.Value.Distinct(StringComparer.Ordinal).ToArray()
                    )
                ),
            ];
            _metrics = [.. rows.SelectMany(r => r.Metrics.Keys).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        }

        private static IEnumerable<KeyValuePair<string, string>> Of(ExportRow row) => (
                (KeyValuePair<string, string>[])
                    [
                        // Read back, they are what is compared separately.
                        .. row.Row.Comparison.Pairs.Select(p => new KeyValuePair<string, string>($"comparison.{p.Key}", p.Value)),
                        new("optimizer", row.Row.Optimizer),
                        new("lr", new Cell(row.Row.LearningRate).Field),
                        new("batch", new Cell(row.Row.Batch).Field),
                        new("seed", row.Row.Seed ?? ""),
                        new("momentum", new Cell(row.Row.Momentum).Field),
                        .. row.Keys,
                    ]
            ).Where(p => p.Value.Length > 0).DistinctBy(p => p.Key);

        public ProtobufWriter Experiment(string name, string metric)
        {
            var experiment = new ProtobufWriter().Text(6, name);
            foreach ((string column, int type, string[] values) in _columns)
            {
                ProtobufWriter info = new ProtobufWriter().Text(1, column).Varint(4, (ulong)type);
                if (type != Number && values.Length <= MostChoices)
                {
                    var list = new ProtobufWriter();
                    foreach (string value in values)
                        list.Nested(1, Value(type, value));
                    info.Nested(5, list);
                }
                experiment.Nested(4, info);
            }
            foreach (string tag in (string[])[metric, .. _metrics.Where(m => m != metric)])
                experiment.Nested(5, new ProtobufWriter().Nested(1, new ProtobufWriter().Text(2, tag)));
            return experiment;
        }

        public ProtobufWriter SessionStart(ExportRow row, DateTimeOffset began)
        {
            var start = new ProtobufWriter();
            Dictionary<string, string> of = Of(row).ToDictionary();
            foreach ((string name, int type, _) in _columns)
                if (of.TryGetValue(name, out string? value))
                    start.Nested(1, new ProtobufWriter().Text(1, name).Nested(2, Value(type, value)));
            return start.Double(5, Seconds(began));
        }

        /// <summary>google.protobuf.Value: number 2, string 3, bool 4.</summary>
        private static ProtobufWriter Value(int type, string value) =>
            type switch
            {
                Number => new ProtobufWriter().Double(2, Cell.Number(value)!.Value),
                Truth => new ProtobufWriter().Varint(4, value == "true" ? 1UL : 0),
                _ => new ProtobufWriter().Text(3, value),
            };
    }

    /// <summary>Records of an event file.</summary>
    private sealed class EventFile(Stream stream)
    {
        public void Version(DateTimeOffset time) => Write(new ProtobufWriter().Double(1, Seconds(time)).Text(3, "brain.Event:2"));

        public void Scalar(DateTimeOffset time, long step, string tag, double value)
        {
            ProtobufWriter summary = new ProtobufWriter().Text(1, tag);
            // As PyTorch writes it, in 32 bits. What is finite must not become infinite: that is a tensor of 64, as of TensorFlow 2.
            if (double.IsFinite(value) && !float.IsFinite((float)value))
                summary
                    .Nested(8, new ProtobufWriter().Varint(1, 2).Nested(2, new ProtobufWriter()).Double(6, value))
                    .Nested(9, new ProtobufWriter().Nested(1, new ProtobufWriter().Text(1, "scalars")));
            else
                summary.Single(2, (float)value);
            Write(Event(time, step, summary));
        }

        /// <param name="time">When.</param>
        /// <param name="tag">Of the three that the page looks for.</param>
        /// <param name="number">Which of HParamsPluginData's messages it is.</param>
        /// <param name="message">The message.</param>
        public void HyperParameters(DateTimeOffset time, string tag, int number, ProtobufWriter message)
        {
            ProtobufWriter plugin = new ProtobufWriter().Text(1, Plugin).Nested(2, new ProtobufWriter().Nested(number, message));
            // The value itself is nothing: a tensor of type float and no content.
            ProtobufWriter nothing = new ProtobufWriter().Varint(1, 1).Nested(2, new ProtobufWriter());
            Write(Event(time, 0, new ProtobufWriter().Text(1, tag).Nested(8, nothing).Nested(9, new ProtobufWriter().Nested(1, plugin))));
        }

        private static ProtobufWriter Event(DateTimeOffset time, long step, ProtobufWriter value)
        {
            ProtobufWriter message = new ProtobufWriter().Double(1, Seconds(time));
            // A field that is left out is zero.
            if (step != 0)
                message.Varint(2, (ulong)step);
            return message.Nested(5, new ProtobufWriter().Nested(1, value));
        }

        private void Write(ProtobufWriter message) => RecordFile.Write(stream, message.Message);
    }
}
